"""What anchors outside the database know of seals that a restored database has lost.

An anchor is a line of JSON that holds a seal's whole statement (`interop_audit`). A backup knows
its seals up to one number; anchors with higher numbers tell how many entries were written after it,
and until when.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ANCHOR = "interop-audit-anchor/1"


@dataclass(frozen=True, slots=True)
class Outside:
    """`seals` and `entries` beyond the backup's last seal, the last of them sealed at `until`
    (naive UTC; None if there is none). `read`: lines that were anchors of this installation.

    Seals are numbered without a gap, so the last one tells of all before it, in whatever part of
    the anchors these were.
    """

    read: int
    seals: int
    entries: int
    until: datetime | None


def later(lines: Iterable[str], instance: str, number: int, total: int) -> Outside:
    """What `lines` tell of `instance` beyond its seal `number`, up to which it had `total` entries.

    Lines that are no anchors, or another installation's, are passed over: an anchor file may hold
    those of several. Whether the signatures are good is for verification to say; this only counts.
    """
    read, highest, most, until = 0, number, total, None
    for line in lines:
        found = _statement(line)
        if found is None or found.get("instance") != instance:
            continue
        try:
            its_number, its_total = int(found["number"]), int(found["total"])
            at = datetime.fromisoformat(found["sealed_at"]).astimezone(UTC).replace(tzinfo=None)
        except (LookupError, TypeError, ValueError):
            continue
        read += 1
        if its_number <= number:
            continue
        highest = max(highest, its_number)
        most = max(most, its_total)
        until = at if until is None else max(until, at)
    return Outside(read, highest - number, most - total, until)


def _statement(line: str) -> dict[str, Any] | None:
    try:
        anchor = json.loads(line)
        if anchor["format"] != ANCHOR:
            return None
        statement = json.loads(anchor["statement"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return statement if isinstance(statement, dict) else None
