from . import (
    test_entry,
    test_interop_audit,
    test_interop_audit_entry,
    test_interop_fence,
    test_months,
)
