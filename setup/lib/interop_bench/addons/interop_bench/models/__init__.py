from . import handler_bench_file, interop_bench
