from . import interop_control_number_setting, interop_probe, interop_probe_line
