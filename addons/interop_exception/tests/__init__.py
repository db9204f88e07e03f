from . import (
    test_deciding,
    test_evidence,
    test_interop_exception,
    test_lib,
    test_raising,
    test_retention,
    test_rights,
    test_two_people,
    test_views,
)
