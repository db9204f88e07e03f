from . import interop_bench_job
from . import purchase_order
