from . import (
    test_breadth,
    test_configuration_evidence,
    test_interop_access_review,
    test_interop_accounting,
    test_interop_audit_entry,
    test_interop_disclosure,
    test_interop_reading,
    test_interop_received,
    test_rights,
    test_told,
)
