from . import (
    interop_exception,
    interop_exception_assigning,
    interop_exception_deciding,
    interop_exception_difference,
    interop_exception_fact,
    interop_exception_handler,
    interop_exception_raising,
    interop_message,
    interop_outcome,
)
