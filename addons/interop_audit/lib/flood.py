"""How often something is noted that somebody may do as often as they like."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

SINGLY: Final = 10
WINDOW: Final = 60.0
#: Above this many keys those that have nothing to tell any more are forgotten.
KEYS: Final = 1000


@dataclass(slots=True)
class _Window:
    began: float
    seen: int = 0
    untold: int = 0


@dataclass(slots=True)
class Flood:
    """Lets the first `SINGLY` of each key and window through one by one, and counts the rest.

    What was counted is told with the hundredth, the thousandth … of the window and with the first
    one after it. So a flood leaves few entries, and they say how large it was.
    """

    singly: int = SINGLY
    window: float = WINDOW
    _windows: dict[Hashable, _Window] = field(default_factory=dict)

    def told(self, key: Hashable, now: float) -> int:
        """How many, this one included, an entry made now stands for; 0: make none.

        ``now`` in seconds by a clock that never goes back.

        >>> flood = Flood(singly=2)
        >>> [flood.told("ada", 0.0) for _ in range(4)], flood.told("ada", 61.0)
        ([1, 1, 0, 0], 3)
        """
        found = self._windows.get(key)
        if found is None:
            self._forget(now)
            found = self._windows[key] = _Window(now)
        elif now - found.began >= self.window:
            found.began, found.seen = now, 0
        found.seen += 1
        found.untold += 1
        if found.seen > self.singly and not _is_round(found.seen):
            return 0
        told, found.untold = found.untold, 0
        return told

    def _forget(self, now: float) -> None:
        if len(self._windows) < KEYS:
            return
        self._windows = {
            key: found
            for key, found in self._windows.items()
            if found.untold or now - found.began < self.window
        }


def _is_round(number: int) -> bool:
    """100, 1000, 10000 …"""
    return number >= 100 and int("1" + "0" * (len(str(number)) - 1)) == number
