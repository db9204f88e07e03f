from . import interop_audit, interop_audit_entry, interop_fence
