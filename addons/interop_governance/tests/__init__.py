from . import test_interop_recovery, test_reconciling
