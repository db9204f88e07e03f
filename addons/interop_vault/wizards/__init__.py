from . import interop_vault_secret_rotate
