from . import test_interop_vault, test_interop_vault_secret, test_rows, test_sealing
