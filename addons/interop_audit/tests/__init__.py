from . import (
    test_bundle,
    test_entry,
    test_interop_audit,
    test_interop_audit_entry,
    test_interop_audit_sealer,
    test_interop_fence,
    test_leaf,
    test_merkle,
    test_months,
    test_seal,
)
