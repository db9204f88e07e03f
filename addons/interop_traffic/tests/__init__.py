from . import (
    test_inbound_rehearsal,
    test_interop_backfill,
    test_interop_batch,
    test_interop_redrive,
    test_interop_rehearsal,
    test_pacing,
    test_rehearsal,
)
