"""A lane's own row: what people see of it while it works."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from odoo.modules.registry import Registry

from ..lib.exchange import ExchangePool
from .transaction import read_committed, run

# Often enough to see what goes on, and no cost that anybody could measure.
BEAT_EVERY = 2.0


@dataclass(slots=True)
class Presence:
    """Writes the row of one lane: that it began, what it does now, that it ended."""

    lane_id: int
    host: str
    pid: int
    _beaten_at: float = field(default=0.0)

    @classmethod
    def of_worker(cls, registry: Registry, name: str, host: str, pid: int, slots: int) -> Presence:
        """The row of a dedicated worker: one that a namesake left behind, or a new one."""
        with read_committed(registry) as cr:
            facts = {"name": name, "host": host, "slots": slots}
            [row] = run(cr, "lane_take", **facts) or run(cr, "lane_make", **facts)
        return cls(row["id"], host, pid)

    def began(self, registry: Registry) -> None:
        with read_committed(registry) as cr:
            run(cr, "lane_began", id=self.lane_id, host=self.host, pid=self.pid)
        self._beaten_at = time.monotonic()

    def beat(self, registry: Registry, pool: ExchangePool, handled: int, reason: str) -> None:
        """Say what the lane does, if that was not said just now."""
        if time.monotonic() - self._beaten_at < BEAT_EVERY:
            return
        self._beaten_at = time.monotonic()
        with read_committed(registry) as cr:
            run(
                cr,
                "lane_beat",
                id=self.lane_id,
                pid=self.pid,
                doing=doing(pool),
                in_hand=pool.messages,
                handled=handled,
                reason=reason or None,
            )

    def ended(self, registry: Registry, handled: int, reason: str) -> None:
        with read_committed(registry) as cr:
            run(
                cr,
                "lane_ended",
                id=self.lane_id,
                pid=self.pid,
                handled=handled,
                reason=reason or None,
            )


def doing(pool: ExchangePool) -> str | None:
    """One line for people; partners are named by their connector's code and the endpoint."""
    oldest = pool.oldest()
    if oldest is None:
        return None
    began, prepared = oldest
    seconds = time.monotonic() - began
    where = prepared.endpoint.code
    if pool.busy == 1:
        return f"1 exchange under way, since {seconds:.0f} s with {where}"
    return f"{pool.busy} exchanges under way, the oldest since {seconds:.0f} s with {where}"
