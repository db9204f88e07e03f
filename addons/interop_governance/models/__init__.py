# What recoveries are made of comes first.
from . import (
    interop_recovery_opening,
    interop_recovery_outside,
    interop_recovery_reconciling,
)

# isort: split
from . import (
    interop_arming,
    interop_fence,
    interop_recovery,
    interop_recovery_counter,
    interop_recovery_key,
    interop_recovery_line,
)
