from . import (
    interop_audit,
    interop_audit_bundling,
    interop_audit_entry,
    interop_audit_seal,
    interop_audit_sealer,
    interop_fence,
    interop_keyring,
)
