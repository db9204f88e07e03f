"""A backfill that is killed again and again gives each record one message, behind live traffic."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("point", ["before a commit", "after a commit"])
def test_a_backfill_killed_twice_neither_loses_nor_doubles_a_record(
    farm, size, seed, tmp_path, point
):
    code = f"backfill-{point.replace(' ', '-')}"
    farm.flow(code)
    count, chunk = size.of(3000, 50_000), size.of(50, 200)
    orders = farm.nursery.run("make_orders_quickly", count=count)
    number = farm.nursery.run("begin_backfill", flow=code, orders=orders, per_minute=6000)
    for death in range(2):
        notes = tmp_path / f"notes-{death}"
        child = farm.nursery.start(
            "backfill",
            number=number,
            chunk=chunk,
            point=point,
            probability=0.2,
            seed=f"{seed}:{death}",
            notes=str(notes),
        )
        assert child.wait(600) == -9, child.tail()
        assert notes.read_text().splitlines() == [point]
        [(state, queued)] = farm.rows(
            "SELECT state, COALESCE(queued_count, 0) FROM interop_backfill WHERE id = %s", number
        )
        # The cursor never tells of more or fewer messages than there are.
        assert queued == _messages(farm, code)[0]
        assert state == "running"
    # Two at once: one has the row, the other waits for it or finds nothing to do.
    last = [farm.nursery.start("backfill", number=number, chunk=chunk) for _child in range(2)]
    assert [child.wait(900) for child in last] == [0, 0]
    total, distinct = _messages(farm, code)
    assert (total, distinct) == (count, count), f"seed {seed}"
    [(state, queued, skipped)] = farm.rows(
        "SELECT state, queued_count, skipped_count FROM interop_backfill WHERE id = %s", number
    )
    assert (state, queued, skipped) == ("done", count, 0)


def test_live_messages_overtake_a_backfill(farm, size):
    farm.flow("overtaken")
    orders = farm.nursery.run("make_orders_quickly", count=size.of(300, 2000))
    number = farm.nursery.run("begin_backfill", flow="overtaken", orders=orders, per_minute=6000)
    farm.nursery.run("backfill", number=number, chunk=200)
    # One of another record, and one of the last record, which stands behind its own backfill.
    others = [farm.nursery.run("make_orders", count=1)[0], orders[-1]]
    live = farm.nursery.run("emit_records", events=["overtaken"], orders=others)
    farm.accepted += live
    farm.worker(slots=2)
    farm.settled()
    still = farm.rows(
        "SELECT count(*) FROM interop_message m JOIN interop_flow f ON f.id = m.flow_id "
        "WHERE f.code = 'overtaken' AND m.state IN ('ready', 'waiting')"
    )[0][0]
    assert still > len(orders) // 4, f"live messages waited for the backfill: {still} left"


def _messages(farm, code: str) -> tuple[int, int]:
    [(total, distinct)] = farm.rows(
        "SELECT count(*), count(DISTINCT m.res_id) FROM interop_message m "
        "JOIN interop_flow f ON f.id = m.flow_id WHERE f.code = %s",
        code,
    )
    return total, distinct
