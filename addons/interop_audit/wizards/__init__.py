from . import (
    interop_audit_anchor_accept,
    interop_audit_anchor_every,
    interop_audit_month_drop,
    interop_audit_retention_change,
)
