"""What a published flow says about its batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .departures import WEEK, Departures, parse_times
from .modes import BATCH

#: Why a message waits: until its batch is cut, and until a person releases its batch.
GATHERED: Final = "batch"
UNRELEASED: Final = "release"


@dataclass(frozen=True, slots=True)
class Batching:
    size: int
    kilobytes: int
    """A batch leaves when so much is gathered, as far as sizes are known; 0: no matter."""
    departures: Departures = field(repr=False)
    needs_release: bool = False
    coalesces: bool = False


def batching_of(flow: Mapping[str, Any]) -> Batching | None:
    """None for a flow that gathers nothing."""
    if flow["direction"] != "out" or flow.get("mode") != BATCH:
        return None
    return Batching(
        size=max(flow.get("batch_size") or 1, 1),
        kilobytes=flow.get("batch_kilobytes") or 0,
        departures=Departures(
            times=parse_times(flow.get("batch_times") or ""),
            minutes=flow.get("batch_minutes") or 0,
            days=tuple(flow.get("batch_days") or range(WEEK)),
            zone=flow.get("batch_zone") or "UTC",
        ),
        needs_release=bool(flow.get("batch_release")),
        coalesces=bool(flow.get("coalesce")),
    )
