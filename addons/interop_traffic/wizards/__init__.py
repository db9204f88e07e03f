from . import interop_backfill_start, interop_rehearsal_reading
