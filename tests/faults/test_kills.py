"""Workers are killed at each point of a message's way, by the hundred, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from massacre import massacre

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
    farm.flow(f"{code}-chain")
    farm.flow(f"{code}-loose", order_by="none")

    def more(wave: int) -> None:
        names = [f"{code}-{wave}-{chain}" for chain in range(chains)]
        farm.emit(f"{code}-chain", [(name, n) for n in range(each) for name in names])
        farm.emit(f"{code}-loose", [(f"{code}-{wave}-free-{n}", 0) for n in range(chains)])

    massacre(
        farm,
        folder / code,
        point,
        seed=f"{seed}:{code}",
        at_least=size.of(8, 60),
        chance=0.25,
        more=more,
    )
    farm.worker()
    farm.settled(held=True)
    # Who lost its worker too often is a dead letter by then: for a person, who runs it again.
    while farm.nursery.run("redrive"):
        farm.settled(held=True)
    farm.retire()
    farm.check(seed=seed)
