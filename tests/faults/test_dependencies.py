"""What waits for another flow's message never leaves before it, whoever dies, and never hangs."""

from __future__ import annotations

import pytest
from massacre import massacre

POINTS = ("after claim", "after send", "before settle", "before a commit", "after a commit")


@pytest.mark.parametrize("point", POINTS)
def test_a_change_never_leaves_before_its_order_under_several_workers_with_kills(
    farm, size, seed, tmp_path, point
):
    code = point.replace(" ", "-")
    count, rounds = size.of(12, 60), 3
    events = _flows(farm, code)
    orders = farm.nursery.run("make_orders", count=count)

    def more(_wave: int) -> None:
        for _round in range(rounds):
            farm.accepted += farm.nursery.run("emit_records", events=events, orders=orders)

    massacre(
        farm,
        tmp_path / "killed",
        point,
        seed=f"{seed}:{code}",
        at_least=size.of(6, 40),
        chance=0.2,
        more=more,
    )
    pairs = _needs(farm)
    assert len(pairs) >= count * rounds
    farm.worker()
    farm.worker()
    farm.settled(held=True)
    # Who lost its worker too often is a dead letter by then: for a person, who runs it again.
    while farm.nursery.run("redrive"):
        farm.settled(held=True)
    farm.retire()
    _judge(farm, pairs, seed)


def test_workers_that_live_let_every_change_go_without_waiting_for_a_sweep(farm, size, seed):
    """Many workers at two quick connectors: claims park while settles let go."""
    farm.flow("swift-order")
    farm.flow("swift-change")
    farm.nursery.run("wait_for", flow="swift-change", needs="swift-order", path="")
    orders = farm.nursery.run("make_orders", count=size.of(40, 300))
    for _worker in range(3):
        farm.worker()
    parts = [orders[start::2] for start in range(2)]
    events = ["swift-order", "swift-change"]
    emitting = [farm.nursery.start("emit_records", events=events, orders=part) for part in parts]
    for child in emitting:
        farm.accepted += child.result()
    farm.settled()
    farm.retire()
    _judge(farm, _needs(farm), seed)


def _flows(farm, code: str) -> list[str]:
    """The events of orders and of their changes, each flow with a connector of its own."""
    farm.flow(f"{code}-order", "?think=0.02")
    farm.flow(f"{code}-change")
    farm.nursery.run(
        "wait_for", flow=f"{code}-change", needs=f"{code}-order", path="order_line.order_id"
    )
    return [f"{code}-order", f"{code}-change"]


def _needs(farm) -> list[tuple[str, str]]:
    return farm.rows(
        "SELECT n.uuid, m.uuid FROM interop_message_dependency d "
        "JOIN interop_message m ON m.id = d.message_id "
        "JOIN interop_message n ON n.id = d.needs_id WHERE m.uuid = ANY (%s)",
        list(farm.accepted),
    )


def _judge(farm, pairs: list[tuple[str, str]], seed: str) -> None:
    facts = farm.facts()
    # Each order leaves through two flows and more than once, so under several keys.
    broken = [told for told in farm.judge(facts) if "several keys" not in told]
    assert not broken, f"{broken}; INTEROP_FAULTS_SEED={seed}"
    assert {message.state for message in facts.messages} == {"done"}
    first = facts.first(only_accepted=True)
    early = [
        (needed, dependent)
        for needed, dependent in pairs
        if first[dependent].began < first[needed].ended
    ]
    assert not early, f"{len(early)} of {len(pairs)} left before what they wait for; seed {seed}"
