from . import (
    interop_policy,
    interop_policy_pattern,
    interop_policy_rule,
    res_company,
    res_config_settings,
)
