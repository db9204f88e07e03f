from . import interop_access_review_decision
