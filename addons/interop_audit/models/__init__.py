from . import interop_audit, interop_audit_entry, interop_fence, interop_keyring
