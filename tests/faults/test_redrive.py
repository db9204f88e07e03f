"""A redrive that is killed runs each dead letter again once, in the order of its chain."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("point", ["before a commit", "after a commit"])
def test_a_redrive_killed_twice_under_load_runs_each_once_and_in_order(
    farm, size, seed, tmp_path, point
):
    code = f"redrive-{point.replace(' ', '-')}"
    farm.flow(code)
    chains, each, chunk = size.of(12, 100), size.of(10, 50), size.of(5, 50)
    keys = _dead_letters(farm, code, chains, each)
    number = farm.nursery.run("begin_redrive", keys=keys)
    for _worker in range(2):
        farm.worker()
    # Meanwhile live traffic of other chains and of the same ones goes on.
    farm.emit(code, [(f"{code}-{chain}", 1000) for chain in range(chains)])
    farm.emit(code, [(f"{code}-live-{n}", 1) for n in range(size.of(50, 500))])
    for death in range(2):
        notes = tmp_path / f"notes-{death}"
        child = farm.nursery.start(
            "redrive_at_scale",
            number=number,
            chunk=chunk,
            point=point,
            probability=0.25,
            seed=f"{seed}:{death}",
            notes=str(notes),
        )
        assert child.wait(300) == -9, child.tail()
        assert notes.read_text().splitlines() == [point]
        # What its rows tell is what was done, wherever it died.
        assert _taken(farm, number) == _redriven(farm, keys)[0]
    last = [
        farm.nursery.start("redrive_at_scale", number=number, chunk=chunk) for _child in range(2)
    ]
    assert [child.wait(600) for child in last] == [0, 0], "\n".join(c.tail() for c in last)
    farm.settled()
    farm.retire()
    assert _redriven(farm, keys) == (len(keys), len(keys)), f"seed {seed}"
    assert _state(farm, number) == "done"
    farm.check(seed=seed)
    taken = [delivery.key for delivery in farm.deliveries() if delivery.accepted]
    assert sorted(key for key in taken if key in set(keys)) == sorted(keys)


def test_a_pause_and_a_cancel_keep_what_has_not_had_its_turn(farm, size):
    farm.flow("decided")
    keys = _dead_letters(farm, "decided", 10, size.of(10, 50))
    # So slow that it is not done before the pause, however long a child takes to be born.
    number = farm.nursery.run("begin_redrive", keys=keys, per_minute=30)
    child = farm.nursery.start("redrive_at_scale", number=number)
    farm.nursery.run("decide_redrive", number=number, act="pause")
    assert child.result() == "paused"
    stood = _taken(farm, number)
    assert _redriven(farm, keys)[0] == stood < len(keys)
    assert farm.nursery.run("redrive_at_scale", number=number) == "paused"
    assert _taken(farm, number) == stood
    farm.nursery.run("decide_redrive", number=number, act="resume")
    farm.nursery.run("decide_redrive", number=number, act="cancel")
    assert farm.nursery.run("redrive_at_scale", number=number) == "cancelled"
    assert _redriven(farm, keys)[0] == stood
    farm.accepted.clear()  # the rest are dead letters still, and meant to be


def _dead_letters(farm, code: str, chains: int, each: int) -> list[str]:
    """As a partner that refuses everything for a night leaves them; several in each chain."""
    orders = [(f"{code}-{chain}", n) for n in range(each) for chain in range(chains)]
    keys = farm.emit(code, orders)
    farm.rows(
        "UPDATE interop_message SET state = 'dead', parked = FALSE, failure_class = 'partner', "
        "failure = 'Refused', done_at = timezone('utc', clock_timestamp()) "
        "WHERE uuid = ANY (%s)",
        keys,
    )
    return keys


def _redriven(farm, keys: list[str]) -> tuple[int, int]:
    """How often these were run again, and how many of them."""
    [(often, distinct)] = farm.rows(
        "SELECT count(*), count(DISTINCT subject) FROM interop_audit_entry "
        "WHERE act = 'message.redriven' AND subject::text = ANY (%s)",
        keys,
    )
    return often, distinct


def _taken(farm, number: int) -> int:
    [(count,)] = farm.rows(
        "SELECT count(*) FROM interop_redrive_member "
        "WHERE redrive_id = %s AND outcome = 'redriven'",
        number,
    )
    return int(count)


def _state(farm, number: int) -> str:
    [(state,)] = farm.rows("SELECT state FROM interop_redrive WHERE id = %s", number)
    return str(state)
