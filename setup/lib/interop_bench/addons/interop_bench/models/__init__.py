from . import interop_bench
from . import handler_bench_file
