from . import interop_connector, interop_intake, res_config_settings
