from . import test_interop_recovery, test_reconciling, test_recovery_over_http
