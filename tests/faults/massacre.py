"""Workers that die one after the other at one point of a message's way."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path

from farm import Child, Farm

WAVES = 100
"""Of work, at most: without a death in so many, the point is not on the way."""

STUCK = 15.0
"""Seconds without any change after which what is left waits for a person: many leases long."""


def massacre(
    farm: Farm,
    notes: Path,
    point: str,
    *,
    seed: str,
    at_least: int,
    chance: float,
    more: Callable[[int], None],
) -> None:
    """Two workers at a time, each replaced when it dies at `point`, until `at_least` have died.

    `more` makes work: at first and whenever it runs out, as a worker passes some points once for
    many messages, and so may get past all of few messages alive.
    """
    notes.touch()
    numbers = itertools.count()

    def born() -> Child:
        own = f"{seed}:{next(numbers)}"
        return farm.worker(slots=4, point=point, probability=chance, seed=own, notes=str(notes))

    more(0)
    waves = itertools.count(1)
    alive = [born(), born()]
    seen, changed = None, time.monotonic()
    while len(died := notes.read_text().splitlines()) < at_least:
        now = (farm.states(), len(died))
        if now != seen:
            seen, changed = now, time.monotonic()
        if not farm.open() or time.monotonic() - changed > STUCK:
            changed = time.monotonic()
            wave = next(waves)
            assert wave <= WAVES, f"“{point}” was passed too seldom: only {len(died)} have died"
            more(wave)
        for place, worker in enumerate(alive):
            if worker.ended.wait(0.1):
                assert worker.code == -9, worker.tail()
                alive[place] = born()
    for worker in alive:
        worker.signal(9)
        worker.wait()
    assert set(notes.read_text().splitlines()) == {point}
