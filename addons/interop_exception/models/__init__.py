# The parts that interop.exception is made of come first.
from . import (
    interop_exception_assigning,
    interop_exception_deciding,
    interop_exception_difference,
    interop_exception_raising,
)

# isort: split
from . import interop_exception_evidence, interop_exception_numbers

# isort: split
from . import (
    interop_audit_alarms,
    interop_exception,
    interop_exception_fact,
    interop_exception_handler,
    interop_message,
    interop_outcome,
    interop_retention,
)
