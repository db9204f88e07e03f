from . import interop_recovery_anchors, interop_recovery_answer
