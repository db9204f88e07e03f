from . import interop_vault, interop_vault_secret, interop_vault_tokens
