"""How urgent messages are. A smaller number goes first; a chain's order is never broken by it."""

from __future__ import annotations

from typing import Final

URGENT: Final = 10
NORMAL: Final = 100
LOW: Final = 1000

PRIORITIES: Final = (
    (str(URGENT), "Urgent"),
    (str(NORMAL), "Normal"),
    (str(LOW), "Low"),
)


def told(priority: int) -> str:
    """What people call it. Numbers in between belong to the next more urgent name."""
    if priority <= URGENT:
        return "Urgent"
    return "Normal" if priority < LOW else "Low"
