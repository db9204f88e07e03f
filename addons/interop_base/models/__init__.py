# What the fence is made of comes first.
from . import (
    interop_fence_arming,
    interop_fence_pulse,
)

# isort: split
from . import (
    interop_area,
    interop_arming,
    interop_fence,
    interop_instance,
    interop_instance_pulse,
    interop_keyring,
    interop_keyring_acts,
    interop_keyring_key,
    res_config_settings,
    res_users,
)
