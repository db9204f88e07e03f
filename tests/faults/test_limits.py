"""Rate limits hold over all lanes and processes; a window that begins stops what has not left."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise

from farm import until


def test_four_lanes_in_two_processes_hold_the_rate_within_five_percent(farm, size):
    rate, burst, seconds = 20, 10, size.of(20, 60)
    # One process has 8 slots, enough for 16 a second: the rate takes both.
    limits = {"rate_limit": rate, "rate_burst": burst}
    flow = farm.flow("rate", "?think=0.5", max_in_flight=40, limits=limits)
    farm.emit(flow, [(f"rate-{n}", 0) for n in range(rate * (seconds + 10))], per_transaction=200)
    children = [
        farm.nursery.start("lanes", names=names, seconds=float(seconds), slots=4)
        for names in (["a", "b"], ["c", "d"])
    ]
    handled = [child.result() for child in children]
    began = sorted(delivery.began for delivery in farm.deliveries())
    # From where both processes were at work, and not up to where one of them has ended.
    first, last = began[0] + 2.0, began[0] + seconds - 3.0
    counted = [moment for moment in began if first <= moment < last]
    # In a pause longer than a full bucket lasts both processes got no turn from a busy machine.
    stood = sum(max(0.0, b - a - burst / rate) for a, b in pairwise(counted))
    assert stood < (last - first) / 4, "the machine is too busy to tell"
    expected = rate * (last - first - stood)
    assert abs(len(counted) - expected) <= expected * 0.05, (len(counted), expected)
    assert all(sum(each.values()) for each in handled), "one process did nothing"
    # Nor is it exceeded over any five seconds, but for what a full bucket holds on top. At the
    # partner some arrive closer together than they left.
    most = (rate * 5 + burst) * 1.05
    for start in began:
        assert sum(start <= moment < start + 5.0 for moment in began) <= most


def test_a_window_that_begins_in_the_middle_of_a_batch_stops_what_has_not_left(farm, size):
    flow = farm.flow("window", "?think=0.2", max_in_flight=4)
    chains = [f"window-{number}" for number in range(6)]
    keys = farm.emit(flow, [(chain, n) for n in range(size.of(15, 60)) for chain in chains])
    farm.worker()
    farm.worker()
    until(lambda: len(farm.first_taken()) > 8, "a batch on its way")
    ends = farm.nursery.run("close", flow=flow, seconds=6)
    closed = time.monotonic()
    left = datetime.fromisoformat(ends).replace(tzinfo=UTC).timestamp() - time.time()
    opens = closed + left
    until(lambda: not farm.states()["running"], "what had left is settled")
    assert farm.states()["done"] < len(keys), "nothing was left to wait"
    assert set(farm.states()) <= {"done", "ready", "waiting"}
    farm.settled()
    farm.retire()
    # What was claimed just before is looked at once more before it leaves.
    during = [d for d in farm.deliveries() if closed + 0.5 < d.began < opens - 0.5]
    assert not during, f"{len(during)} left in the window"
    assert farm.states()["done"] == len(keys)
    farm.check()
