"""Settings of a flow that came later than the first published versions."""

from __future__ import annotations

from typing import Any, Final

from .modes import REAL_TIME
from .priorities import NORMAL
from .retention import STANDARD
from .retry import MAX_HOURS, PAUSE_MINUTES

#: Setting -> what versions ran with that were published before it could be chosen.
SETTINGS_BEFORE: Final[dict[str, Any]] = {
    "retry_max_hours": MAX_HOURS,
    "retry_pause_minutes": PAUSE_MINUTES,
    "retention_class": STANDARD,
    "mode": REAL_TIME,
    "direct": None,
    "priority": NORMAL,
    "batch_times": "",
    "batch_days": [0, 1, 2, 3, 4, 5, 6],
    "batch_zone": "",
    "batch_kilobytes": 0,
    "batch_release": False,
    "batch_release_hours": 4,
    "batch_totals": [],
    "coalesce": False,
    "content_as_of": "latest",
    "condition": [],
    "route_group": "",
    "route_sequence": 10,
    "waits": [],
}
