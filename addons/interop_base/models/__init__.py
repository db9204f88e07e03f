from . import (
    interop_area,
    interop_fence,
    interop_instance,
    interop_keyring,
    res_config_settings,
    res_users,
)
