from . import interop_probe
from . import interop_probe_line
