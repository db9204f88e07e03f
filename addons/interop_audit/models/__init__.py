from . import (
    interop_audit,
    interop_audit_entry,
    interop_audit_export,
    interop_audit_exporter,
    interop_audit_finding,
    interop_audit_seal,
    interop_audit_sealer,
    interop_audit_verification,
    interop_audit_verifier,
    interop_fence,
    interop_keyring,
    ir_module_module,
)
