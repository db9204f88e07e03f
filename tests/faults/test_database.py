"""The database fails under load: connections end, it crashes, locks clash, the disk is full."""

from __future__ import annotations

import random
import signal
import time

import pytest
from farm import until


def load(farm, code, chains, each=4, think=0.02):
    """Messages with and without order, on their way to a partner that takes its time."""
    farm.flow(f"{code}-chain", f"?think={think}")
    farm.flow(f"{code}-loose", f"?think={think}", order_by="none")
    farm.emit(
        f"{code}-chain", [(f"{code}-{chain}", n) for n in range(each) for chain in range(chains)]
    )
    farm.emit(f"{code}-loose", [(f"{code}-free-{n}", 0) for n in range(chains * each)])


def end_well(farm, seed=None):
    """Until all is settled; what lost its lane too often is run again by a person."""
    farm.settled(held=True)
    while farm.nursery.run("redrive"):
        farm.settled(held=True)
    assert not [worker for worker in farm.workers if worker.ended.is_set()], "no worker gave up"
    farm.retire()
    farm.check(seed=seed)


def test_connections_that_are_ended_at_random_lose_nothing(farm, size, seed):
    chance = random.Random(seed)
    load(farm, "victim", size.of(50, 250))
    for _number in range(2):
        farm.worker(slots=8)
    ended, wanted = 0, size.of(20, 400)
    while ended < wanted:
        if farm.states()["done"] == len(farm.accepted):  # quicker than we are
            load(farm, f"victim-{ended}", size.of(50, 250))
        victims = farm.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid != pg_backend_pid()"
            " AND usename = current_user AND backend_type = 'client backend'",
            farm.database,
        )
        if victims:
            farm.rows("SELECT pg_terminate_backend(%s)", *chance.choice(sorted(victims)))
            ended += 1
        time.sleep(chance.uniform(0, 0.1))
    end_well(farm, seed)


def test_a_crash_of_the_database_under_load_loses_nothing(farm, size, seed):
    chance = random.Random(seed)
    load(farm, "crash", size.of(50, 250))
    for _number in range(2):
        farm.worker(slots=8)
    crashes, wanted = 0, size.of(3, 15)
    while crashes < wanted and farm.states()["done"] < len(farm.accepted):
        before = farm.states()["done"]
        until(lambda before=before: farm.states()["done"] > before, "some progress")
        time.sleep(chance.uniform(0, 0.5))
        farm.cluster.restart("immediate")
        crashes += 1
    assert crashes == wanted, "all was done before the last crash"
    end_well(farm, seed)


def test_locks_that_clash_are_tried_again(farm, size, seed):
    load(farm, "clash", size.of(30, 120))
    orders = farm.nursery.run("order", count=size.of(10, 40))
    farm.accepted += [each["key"] for each in orders]
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = %s"
    [(before,)] = farm.rows(deadlocks, farm.database)
    quarrels = [
        farm.nursery.start(
            "quarrel",
            seed=f"{seed}:{number}",
            orders=[each["order"] for each in orders],
            keys=farm.accepted,
        )
        for number in range(3)
    ]
    # PostgreSQL looks for deadlocks after a second of waiting: a lease must survive some of them.
    workers = [farm.worker(slots=8, lease=30) for _number in range(2)]
    answers = [(f"clash-{each['key']}", each["answer"]) for each in orders]
    farm.delivered_to_us = farm.nursery.run("receive", deliveries=answers)
    farm.settled()
    until(lambda: {each.state for each in farm.facts().received} == {"done"}, "the answers")
    # Chance decides who meets whom: they go on until it has happened.
    until(lambda: farm.rows(deadlocks, farm.database)[0][0] > before, "a deadlock")
    for quarrel in quarrels:
        quarrel.signal(signal.SIGTERM)
    lost = sum((sum(quarrel.result().values()) for quarrel in quarrels), 0)
    assert lost, "PostgreSQL never had to decide"
    assert not [worker for worker in workers if worker.ended.is_set()]
    farm.retire()
    farm.check(seed=seed)
    dead = farm.rows(
        "SELECT count(*) FROM interop_message WHERE uuid = ANY (%s) AND losses > 0", farm.accepted
    )
    assert dead == [(0,)], "a lost race is no loss of a worker"


def test_a_full_disk_stops_the_queue_and_loses_nothing(farm, size, seed):
    if not farm.cluster.has_small_disk:
        pytest.skip("NO DISK WAS FILLED: neither mount nor unshare --user is allowed here")
    with farm.cluster.tables_on_small_disk(
        farm.database, "^interop_(message|interchange|attempt|vault|audit_entry)"
    ):
        # Slow enough that there is still work when the disk is full.
        load(farm, "disk", size.of(60, 200), think=0.2)
        for _number in range(2):
            farm.worker(slots=8)
        until(lambda: farm.states()["done"] > 20, "some progress")
        farm.cluster.fill()
        # A business transaction that cannot be written fails, whole: nothing is half there.
        orders = [(f"disk-late-{n}", 0) for n in range(50)]
        refused = farm.nursery.start("emit", flow="disk-chain", orders=orders, lines=100)
        assert refused.wait() == 1 and "DiskFull" in refused.log, refused.tail()
        until(lambda: any("DiskFull" in worker.log for worker in farm.workers), "a full disk")
        assert farm.states()["done"] < len(farm.accepted), "it was full too late"
        time.sleep(size.of(3, 30))
        assert not [worker for worker in farm.workers if worker.ended.is_set()]
        farm.cluster.free()
        end_well(farm, seed)
        farm.emit("disk-chain", orders)
        farm.worker()
        end_well(farm, seed)
