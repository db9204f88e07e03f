from . import interop_bench_job, purchase_order
