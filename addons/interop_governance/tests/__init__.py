from . import (
    test_configuration_evidence,
    test_interop_access_review,
    test_rights,
)
