from . import (
    interop_accounting,
    interop_received,
    interop_received_kind,
    interop_received_line,
)
