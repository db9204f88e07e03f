"""How often a loop looks for what nobody has called it for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Glances:
    """Pauses between looks, in seconds: twice as long each time that nothing was found.

    >>> clock = iter([0.0, 0.1, 0.25, 0.25, 0.5, 0.75, 0.75, 1.5]).__next__
    >>> glances = Glances(0.25, 0.5, clock)
    >>> glances.looked(found=False), glances.are_due(), glances.are_due()
    (None, False, True)
    >>> glances.looked(found=False), glances.are_due(), glances.are_due()
    (None, False, True)
    >>> glances.looked(found=False), glances.are_due()
    (None, True)
    >>> glances.looked(found=True), glances.are_due()
    (None, True)
    """

    first: float
    longest: float
    clock: Callable[[], float] = time.monotonic
    _pause: float = field(default=0.0, init=False)
    _due_at: float = field(default=0.0, init=False)

    def are_due(self) -> bool:
        return self._due_at == 0.0 or self.clock() >= self._due_at

    def called(self) -> None:
        """Somebody has called: look at once, and soon again."""
        self._pause = self._due_at = 0.0

    def looked(self, found: bool) -> None:
        """There is more where something was found."""
        if found:
            self.called()
            return
        self._pause = min(self._pause * 2 or self.first, self.longest)
        self._due_at = self.clock() + self._pause
