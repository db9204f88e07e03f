"""What a minute's figures count of outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from .work import Verdict

COUNTERS: Final = (
    "connector_id", "direction", "ok", "failed", "gone", "latency_ms", "latency_count",
    "latency_max_ms",
)  # fmt: skip

_OK: Final = ("sent", "done")


def count(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """Per connector and direction, in order: what went through, failed and left, and how long.

    The time of an outbound message is that of its exchange; of an inbound one, how long it had
    lain here when it was taken up.
    """
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for verdict in verdicts:
        message = verdict.message
        key = (message.connector_id, message.direction)
        row = found.setdefault(
            key, dict.fromkeys(COUNTERS, 0) | {"connector_id": key[0], "direction": key[1]}
        )
        row["ok"] += verdict.state in _OK
        row["failed"] += bool(verdict.failure_class) and verdict.state not in _OK
        row["gone"] += verdict.state in _OK or verdict.state == "dead"
        latency = message.age * 1000 if message.direction == "in" else verdict.duration_ms
        if message.direction == "in" or verdict.exchanged:
            row["latency_ms"] += latency
            row["latency_count"] += 1
            row["latency_max_ms"] = max(row["latency_max_ms"], latency)
    return [found[key] for key in sorted(found)]
