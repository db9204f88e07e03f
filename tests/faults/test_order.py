"""Order among what commits at different times, and deliveries that come twice and in disorder."""

from __future__ import annotations

import random
from pathlib import Path

from farm import until


def test_messages_that_commit_late_and_out_of_order_are_sent_in_order_among_those_committed(
    farm, size, tmp_path
):
    """Transactions stay open holding lower ids of chains whose higher ids are long sent."""
    farm.flow("commit", "?think=0.05")
    chains = [f"commit-{number}" for number in range(size.of(6, 20))]
    farm.worker()
    farm.worker()
    # They begin one after the other, so their ids ascend; they commit in another order.
    gates = [tmp_path / f"gate-{burst}" for burst in range(5)]
    bursts = [_begin(farm, chains, burst, gate) for burst, gate in enumerate(gates)]
    committed: list[list[str]] = [[] for _burst in bursts]
    for burst in (3, 1, 4, 2, 0):
        gates[burst].touch()
        committed[burst] = bursts[burst].result()
        farm.accepted += committed[burst]
        if burst == 3:
            farm.settled()
    farm.settled()
    farm.retire()
    facts = farm.facts()
    positions = {message.uuid: message.position for message in facts.messages}
    assert [min(positions[key] for key in keys) for keys in committed] == sorted(
        min(positions[key] for key in keys) for keys in committed
    ), "the bursts did not take their ids in turn"
    first = facts.first()
    overtaken = [
        key
        for key in committed[0]
        if first[key].began > max(first[other].began for other in committed[3])
    ]
    assert overtaken, "nothing was committed late"
    # By id the chains are not in order, and cannot be: what was not committed could not be sent.
    # Within each transaction the order holds, and never are two of a chain on their way at once.
    for keys in committed:
        part = type(facts)(
            accepted=keys,
            messages=[message for message in facts.messages if message.uuid in set(keys)],
            deliveries=[delivery for delivery in facts.deliveries if delivery.key in set(keys)],
        )
        assert farm.judge(part) == []
    assert [told for told in farm.judge(facts) if "out of order" not in told] == []


def _begin(farm, chains: list[str], burst: int, gate: Path):
    """Wait until it has its ids: a sequence does not wait for a commit."""
    highest = "SELECT last_value FROM interop_message_id_seq"
    before = farm.rows(highest)
    orders = [(chain, burst * 10 + n) for n in range(4) for chain in chains]
    child = farm.nursery.start(
        "emit", flow="commit", orders=orders, per_transaction=len(orders), gate=str(gate)
    )
    until(lambda: farm.rows(highest) > before, "a burst's ids")
    return child


def test_deliveries_in_any_order_each_several_times_at_once_have_one_effect_each(
    farm, size, seed, tmp_path
):
    chance = random.Random(seed)
    orders = farm.nursery.run("order", count=size.of(20, 100))
    farm.accepted += [each["key"] for each in orders]
    # The partner has the orders, and answers while we are not sure of it: those who sent them died.
    notes = tmp_path / "killed"
    notes.touch()
    while len(farm.first_taken()) < len(orders):
        seed_of_this = f"{seed}:send:{len(farm.workers)}"
        worker = farm.worker(
            point="after send", probability=0.5, seed=seed_of_this, notes=str(notes)
        )
        until(lambda w=worker: w.ended.is_set() or len(farm.first_taken()) == len(orders), "orders")
        worker.signal(9)
        worker.wait()
    assert farm.states()["sent"] < len(orders), "nobody died with an order in hand"
    deliveries = [(f"shuffled-{each['key']}", each["answer"]) for each in orders]
    senders = []
    for _sender in range(4):
        chance.shuffle(deliveries)
        senders.append(farm.nursery.start("receive", deliveries=deliveries))
    # Meanwhile those who apply them are killed right before and right after they commit.
    notes.write_text("")
    killed = 0
    number = 0
    while killed < size.of(6, 80):
        point = ("before a commit", "after a commit")[number % 2]
        worker = farm.worker(
            point=point, probability=0.2, seed=f"{seed}:{number}", notes=str(notes)
        )
        number += 1
        if worker.ended.wait(5):
            assert worker.code == -9, worker.tail()
        else:
            worker.signal(9)
            worker.wait()
            if all(sender.ended.is_set() for sender in senders) and not _to_be_applied(farm):
                break  # there is nothing left to be killed over
        killed = len(_lines(notes))
    assert _lines(notes), "nobody was killed"
    for sender in senders:
        taken = sender.result()
        assert len(taken) == len(deliveries), "each delivery of each sender is answered"
        farm.delivered_to_us += taken
    farm.worker()
    farm.settled(held=True)
    until(lambda: _ended(farm), "an end of each answer")
    redriven = 0
    while number := farm.nursery.run("redrive"):
        redriven += number
        farm.settled(held=True)
        until(lambda: _ended(farm), "an end of each answer")
    farm.retire()
    facts = farm.check(seed=seed)
    assert {each.state for each in facts.received} == {"done"}
    # Who runs a dead letter again asks for a new answer, which this partner does not give.
    waiting = farm.rows(
        "SELECT uuid, state, claims, losses, answered_at FROM interop_message "
        "WHERE uuid = ANY (%s) AND state != 'done'",
        farm.accepted,
    )
    assert len(waiting) <= redriven, f"orders do not know their answer: {waiting}"


def _to_be_applied(farm) -> int:
    [(count,)] = farm.rows(
        "SELECT count(*) FROM interop_message WHERE direction = 'in'"
        " AND state IN ('ready', 'waiting', 'running')"
    )
    return int(count)


def _ended(farm) -> bool:
    return {each.state for each in farm.facts().received} <= {"done", "dead"}


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()
