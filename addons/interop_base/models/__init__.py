from . import (
    interop_area,
    interop_fence,
    interop_instance,
    interop_keyring,
    interop_keyring_acts,
    interop_keyring_key,
    res_config_settings,
    res_users,
)
