from . import (
    test_interop_policy,
    test_interop_policy_security,
    test_mask,
    test_policy,
    test_policy_properties,
)
