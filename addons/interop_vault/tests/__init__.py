from . import (
    test_interop_vault,
    test_interop_vault_access_token,
    test_interop_vault_secret,
    test_interop_vault_tokens,
    test_kinds,
    test_references,
    test_rows,
    test_sealing,
    test_secret_kinds,
    test_secret_rotation,
    test_secret_write_only,
)
