from . import interop_control_number_setting, interop_gate_act, interop_probe, interop_probe_line
