"""Workers are killed at each point of a message's way, by the hundred, and nothing is lost."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest

POINTS = (
    "after claim",
    "after prepare",
    "before send",
    "after send",
    "before settle",
    "after settle",
    "before a commit",
    "after a commit",
)


@pytest.mark.parametrize("point", POINTS)
def test_workers_killed_at_a_point_lose_nothing_and_keep_the_order(
    farm, size, seed, tmp_path, point
):
    for round_ in range(size.of(1, 2)):
        _round(farm, size, tmp_path, point, f"{point.replace(' ', '-')}-{round_}", seed)


def _round(farm, size, folder: Path, point: str, code: str, seed: str) -> None:
    farm.begin()
    chains, each = size.of(15, 60), 4
    orders = [(f"{code}-{chain}", n) for n in range(each) for chain in range(chains)]
    farm.flow(f"{code}-chain")
    farm.flow(f"{code}-loose", order_by="none")
    farm.emit(f"{code}-chain", orders)
    farm.emit(f"{code}-loose", [(f"{code}-free-{n}", 0) for n in range(chains)])
    killed = _massacre(farm, folder / code, point, f"{seed}:{code}", size.of(8, 60))
    assert set(killed) == {point}
    farm.worker()
    farm.settled(held=True)
    # Who lost its worker too often is a dead letter by then: for a person, who runs it again.
    while farm.nursery.run("redrive"):
        farm.settled(held=True)
    farm.retire()
    farm.check(seed=seed)


def _massacre(farm, notes: Path, point: str, seed: str, at_least: int) -> Counter[str]:
    """Two workers at a time, each replaced when it dies, until enough have died."""
    notes.touch()
    numbers = itertools.count()

    def born():
        number = next(numbers)
        return farm.worker(
            slots=4, point=point, probability=0.25, seed=f"{seed}:{number}", notes=str(notes)
        )

    alive = [born(), born()]
    while sum(farm.states().values()) and _open(farm) and len(_lines(notes)) < at_least:
        for place, worker in enumerate(alive):
            if worker.ended.wait(0.1):
                assert worker.code == -9, worker.tail()
                alive[place] = born()
    for worker in alive:
        worker.signal(9)
        worker.wait()
    killed = Counter(_lines(notes))
    assert killed, f"nobody was killed: the point “{point}” was never passed"
    return killed


def _open(farm) -> int:
    states = farm.states()
    return states["ready"] + states["waiting"] + states["running"]


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()
