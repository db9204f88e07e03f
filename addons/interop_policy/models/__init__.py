from . import interop_policy, interop_policy_rule
