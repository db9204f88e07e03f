from . import interop_probe, interop_probe_line
