"""The circuit breaker of an endpoint: plain arithmetic, without clock, database and locks.

Closed: calls go through and are counted. Open: nothing goes through for a while. Half-open: exactly
one message goes through, the probe, and what becomes of it decides. Who keeps the state sees to it
that there is only one probe.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

CLOSED: Final = "closed"
OPEN: Final = "open"
HALF_OPEN: Final = "half_open"
ISOLATED: Final = "isolated"
DISABLED: Final = "disabled"

#: A list, because Odoo keeps the words of no other selection.
STATES: Final[list[tuple[str, str]]] = [
    (CLOSED, "In use"),
    (OPEN, "Open"),
    (HALF_OPEN, "Trying one"),
    (ISOLATED, "Isolated"),
    (DISABLED, "Disabled"),
]

#: Classes of failures that say that the partner cannot be reached or does not work.
COUNTED: Final = frozenset({"transient", "uncertain"})
#: Calls that are remembered at most.
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a breaker opens and for how long. `failures` or `rate` of 0: that one does not count."""

    failures: int = 5
    """So many failures one after the other open it."""
    rate: int = 50
    """So many failures of each hundred among the last `window` calls open it."""
    window: int = 20
    wait: float = 30.0
    """Seconds until the first probe; twice as many after each that fails."""
    wait_most: float = 900.0

    def pause(self, opened: int) -> float:
        """Seconds until the next probe, when it has opened `opened` times without closing.

        >>> [Thresholds().pause(n) for n in (1, 2, 3, 20)]
        [30.0, 60.0, 120.0, 900.0]
        """
        doubled = self.wait * 2 ** min(max(opened - 1, 0), 30)
        return float(min(doubled, max(self.wait_most, self.wait)))


@dataclass(frozen=True, slots=True)
class Breaker:
    state: str = CLOSED
    failures: int = 0
    """Failures since the last success."""
    calls: str = ""
    """The last calls while closed, the newest at the end: 1 for a failure, 0 for a success."""
    opened: int = 0
    """How many times it has opened since it was last closed."""

    def after_call(self, failed: bool, thresholds: Thresholds) -> Breaker:
        """After one call. What comes back late, from before it opened, says nothing any more."""
        if self.state != CLOSED:
            return self
        calls = (self.calls + "01"[failed])[-min(max(thresholds.window, 1), LONGEST) :]
        failures = self.failures + 1 if failed else 0
        after = replace(self, failures=failures, calls=calls)
        return after.open() if failed and after.is_too_much(thresholds) else after

    def after_probe(self, failed: bool) -> Breaker:
        """After the one message that was let through."""
        if self.state != HALF_OPEN:
            return self
        return replace(self, failures=self.failures + 1).open() if failed else Breaker()

    def is_too_much(self, thresholds: Thresholds) -> bool:
        if 0 < thresholds.failures <= self.failures:
            return True
        window = min(thresholds.window, LONGEST)
        full = 0 < window <= len(self.calls)
        return (
            full
            and thresholds.rate > 0
            and self.calls.count("1") * 100 >= thresholds.rate * len(self.calls)
        )

    def open(self) -> Breaker:
        return replace(self, state=OPEN, calls="", opened=self.opened + 1)
