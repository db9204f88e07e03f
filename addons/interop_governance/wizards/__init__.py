from . import interop_access_review_decision
from . import (
    interop_accounting,
    interop_evidence_bundling,
    interop_received,
    interop_received_kind,
    interop_received_line,
)
from . import interop_recovery_anchors, interop_recovery_answer
