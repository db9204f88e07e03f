# What a secret is made of comes first.
from . import (
    interop_vault_secret_expiry,
    interop_vault_secret_input,
    interop_vault_secret_rotation,
    interop_vault_secret_uses,
    interop_vault_secret_value,
)

# isort: split
from . import (
    interop_retention_class,
    interop_vault,
    interop_vault_access_token,
    interop_vault_secret,
    interop_vault_tokens,
)
