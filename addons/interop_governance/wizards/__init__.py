from . import (
    interop_access_review_decision,
    interop_accounting,
    interop_received,
    interop_received_kind,
    interop_received_line,
)
