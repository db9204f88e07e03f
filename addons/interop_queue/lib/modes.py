"""How urgently a flow's documents travel: chosen by criticality, over one pipeline."""

from __future__ import annotations

from typing import Final

DIRECT: Final = "direct"
REAL_TIME: Final = "realtime"
BATCH: Final = "batch"

MODES: Final = (
    (DIRECT, "Direct: the caller waits for the answer"),
    (REAL_TIME, "Real-time: each leaves within seconds"),
    (BATCH, "Batch: gathered, and sent together"),
)
