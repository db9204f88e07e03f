"""Workers are asked to end, stopped and woken again, and killed by one message."""

from __future__ import annotations

import signal
import time

import pytest
from farm import LEASE, until


def test_a_worker_that_is_asked_to_end_under_load_finishes_what_it_has_in_hand(farm, size):
    orders = [(f"term-{chain}", n) for n in range(4) for chain in range(size.of(25, 100))]
    farm.flow("term", "?think=0.3", max_in_flight=16)
    farm.emit("term", orders)
    for round_ in range(size.of(3, 10)):
        worker = farm.worker(slots=8, lease=30)
        seen = len(farm.deliveries())
        until(lambda seen=seen: len(farm.deliveries()) >= seen + 12, "deliveries")
        worker.signal((signal.SIGTERM, signal.SIGINT)[round_ % 2])
        assert worker.wait(30) == 0, worker.tail()
        # What was under way has been settled, the rest is as if nobody had touched it.
        assert farm.states()["running"] == 0
        counted = farm.rows(
            "SELECT count(*) FROM interop_message WHERE uuid = ANY (%s)"
            " AND (losses > 0 OR attempts > 1 OR state != 'done' AND attempts > 0)",
            farm.accepted,
        )
        assert counted == [(0,)], "an end in good order burns no attempt and loses no worker"
    farm.worker(lease=30)
    farm.settled()
    farm.retire()
    facts = farm.check()
    assert len(facts.deliveries) == len(orders), "nothing was sent twice"


def test_a_worker_that_slept_past_its_lease_changes_nothing_when_it_wakes(farm):
    farm.flow("zombie", "?think=1", max_in_flight=4)
    farm.emit("zombie", [(f"zombie-{chain}", n) for n in range(3) for chain in range(4)])
    zombie = farm.worker("zombie", slots=4)
    # Asleep with answers of the partner on their way: what it will settle is long settled.
    until(lambda: len(farm.deliveries()) == 0 and farm.states()["running"] == 4, "a full hand")
    time.sleep(0.1)
    zombie.signal(signal.SIGSTOP)
    held = [uuid for (uuid,) in _running(farm)]
    time.sleep(LEASE + 0.5)
    other = farm.worker("other", slots=4, lease=30)
    farm.settled()
    [(before,)] = farm.rows("SELECT max(id) FROM interop_audit_entry")
    zombie.signal(signal.SIGCONT)
    until(lambda: "came after their lease had ended" in zombie.log, "the refusal")
    assert farm.rows(
        "SELECT count(*) FROM interop_audit_entry WHERE id > %s AND act LIKE 'message.%%'", before
    ) == [(0,)]
    facts = farm.check()
    repeated = {key for key in held if sum(d.key == key for d in facts.deliveries) == 2}
    assert repeated == set(held), "both sent it, under one key"
    assert "came after" not in other.log
    # And it is a good worker again.
    other.signal(signal.SIGTERM)
    other.wait()
    farm.emit("zombie", [("zombie-again", 0)])
    farm.settled()
    farm.retire()
    farm.check()


def _running(farm):
    return farm.rows(
        "SELECT uuid FROM interop_message WHERE uuid = ANY (%s) AND state = 'running'",
        farm.accepted,
    )


@pytest.mark.parametrize("order_by", ["record", "none"])
def test_a_message_that_kills_its_worker_is_set_aside_and_its_neighbours_arrive(
    farm, size, tmp_path, order_by
):
    flow = farm.flow(f"poison-{order_by}", order_by=order_by)
    chains = size.of(15, 60)
    orders = [(f"{flow}-{chain}", n) for n in range(4) for chain in range(chains)]
    keys = farm.emit(flow, orders)
    poison = keys[chains + chains // 2]
    notes = tmp_path / "killed"
    notes.touch()
    worker = farm.worker(poison=poison, notes=str(notes))
    while farm.states([poison])["dead"] == 0:
        if worker.ended.wait(0.1):
            assert worker.code == -9, worker.tail()
            worker = farm.worker(poison=poison, notes=str(notes))
    farm.settled(held=True)
    facts = farm.check(held=True)
    killed = notes.read_text().splitlines()
    assert len(killed) == 5, "it has had its chances"
    assert killed[2:] == ["poison among 1"] * 3, "under suspicion it runs alone"
    ended = {message.uuid for message in facts.messages if message.state == "done"}
    behind = set(keys[chains + chains // 2 + chains :: chains]) if order_by == "record" else set()
    assert ended == set(keys) - {poison} - behind, "only what must wait behind it has not arrived"
    [(failure,)] = farm.rows(
        "SELECT failure_class FROM interop_message WHERE uuid = %s AND losses = 5", poison
    )
    assert failure == "internal"
    # The fault is mended, a person runs it again: it and those behind it arrive in their order.
    farm.retire()
    farm.worker()
    assert farm.nursery.run("redrive") == 1
    farm.settled()
    farm.retire()
    farm.check()
