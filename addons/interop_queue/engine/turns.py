"""Whose turn it is: which part of the work a lane's next claim looks for.

A claim takes the most urgent first. Alone, that would let a flood of urgent messages starve the
others for ever, and a flood of slow ones hold every slot when something urgent comes. So some turns
belong to those behind; and while there is urgent work about, some slots are kept free for it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from ..lib.priorities import NORMAL, URGENT

# One slot in so many is kept for urgent work, while there is some about.
KEPT: Final = 4
# One turn in so many belongs to what is not urgent, and every second one of these to the last.
OTHERS: Final = 4
# So long after the last urgent message its slots are still kept.
ABOUT_SECONDS: Final = 60.0
# So long those behind are not looked for, after a turn of theirs has found none.
NOBODY_SECONDS: Final = 1.0
# How often a lane whose other slots are all taken looks for urgent work.
LOOK_EVERY: Final = 0.05

LEAST: Final = -(2**31)
MOST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Turn:
    """At most `slots` messages, whose priority is a number from `least` to `most`."""

    slots: int
    least: int = LEAST
    most: int = MOST

    @property
    def is_special(self) -> bool:
        """Whether it passes over what a plain claim would take first."""
        return self.least != LEAST

    @property
    def is_part(self) -> bool:
        """Whether it looks at a part of the priorities only."""
        return self.is_special or self.most != MOST


class Turns:
    """The turns of one lane in one direction."""

    def __init__(self, slots: int) -> None:
        self.kept = slots // KEPT
        self._number = 0
        self._urgent_until = 0.0
        self._looked_at = 0.0
        self._nobody_until = {URGENT + 1: 0.0, NORMAL + 1: 0.0}

    def urgent_is_about(self) -> None:
        """A live flow is urgent, or an urgent message was met."""
        self._urgent_until = time.monotonic() + ABOUT_SECONDS

    def next(self, free: int) -> Turn | None:
        """What to claim with `free` slots; None if nothing just now."""
        now = time.monotonic()
        is_urgent = now < self._urgent_until
        kept = self.kept if is_urgent else 0
        if free <= kept:
            if free <= 0 or now - self._looked_at < LOOK_EVERY:
                return None
            self._looked_at = now
            return Turn(free, most=URGENT)
        slots = free - kept
        if not self._number or self._number % OTHERS:
            return Turn(slots)
        # Past urgent work only if there was some: else it is what a plain turn takes.
        behind = [URGENT + 1] if is_urgent else []
        behind = [NORMAL + 1, *behind] if self._number % (2 * OTHERS) else [*behind, NORMAL + 1]
        for least in behind:
            if now >= self._nobody_until[least]:
                return Turn(slots, least=least)
        return Turn(slots)

    def took(self, turn: Turn, priorities: list[int]) -> None:
        """What came of a turn. Those behind are not looked for again at once if there are none."""
        if any(priority <= URGENT for priority in priorities):
            self.urgent_is_about()
        if turn.is_special and not priorities:
            self._nobody_until[turn.least] = time.monotonic() + NOBODY_SECONDS
        elif priorities and turn.most == MOST:
            self._number += 1
