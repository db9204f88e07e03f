from . import (
    interop_access_review_decision,
    interop_accounting,
    interop_evidence_bundling,
    interop_received,
    interop_received_kind,
    interop_received_line,
    interop_recovery_anchors,
    interop_recovery_answer,
)
