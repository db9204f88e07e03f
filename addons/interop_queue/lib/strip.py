"""The last hour of a connector in a few figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Hour:
    tries: int = 0
    failed: int = 0
    latency: float | None = None
    """Average milliseconds of the exchanges that were timed."""
    slowest: float = 0.0
    """The average of the slowest minute."""

    @property
    def share(self) -> float:
        """How many of the tries went through, 0 to 1."""
        return (self.tries - self.failed) / self.tries if self.tries else 1.0


def hour_of(minutes: Iterable[Mapping[str, Any]]) -> Hour:
    """Sum up minutes: each has `ok`, `failed` and `latency_ms` (None if nothing was timed).

    >>> well = {"ok": 4, "failed": 0, "latency_ms": 20.0}
    >>> hour_of([{"ok": 3, "failed": 1, "latency_ms": 10.0}, well])
    Hour(tries=8, failed=1, latency=15.0, slowest=20.0)
    """
    tries = failed = weight = 0
    total = slowest = 0.0
    for each in minutes:
        here = each["ok"] + each["failed"]
        tries += here
        failed += each["failed"]
        if each["latency_ms"] is not None:
            weight += here
            total += here * float(each["latency_ms"])
            slowest = max(slowest, float(each["latency_ms"]))
    return Hour(tries, failed, total / weight if weight else None, slowest)
