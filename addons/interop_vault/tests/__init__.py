from . import (
    test_interop_vault,
    test_interop_vault_secret,
    test_interop_vault_tokens,
    test_rows,
    test_sealing,
)
