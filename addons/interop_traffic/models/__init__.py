# What campaigns, backfills and rehearsals are made of comes first.
from . import (
    interop_backfill_acts,
    interop_backfill_work,
    interop_redrive_running,
    interop_redrive_told,
    interop_rehearsal_running,
)

# isort: split
from . import (
    interop_backfill,
    interop_exception,
    interop_message,
    interop_outcome,
    interop_redrive,
    interop_redrive_member,
    interop_rehearsal,
    interop_rehearsal_result,
)
