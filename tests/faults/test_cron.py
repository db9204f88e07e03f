"""Lanes that Odoo's scheduled actions run: the watchdog kills them, and so does everybody else."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from contextlib import suppress

from farm import until
from running import running_odoo

# Seconds until Odoo's watchdog kills a scheduled action; two minutes in production.
WATCHDOG = 8


def cron_workers(odoo) -> list[int]:
    """The pids of Odoo's cron workers that live, by its log."""
    known = re.findall(r"Worker WorkerCron \((\d+)\) alive", odoo.log())
    return [int(pid) for pid in known if os.path.exists(f"/proc/{pid}")]


def test_a_lane_that_the_watchdog_kills_loses_nothing(farm, size):
    """A partner takes the order and is silent for longer than Odoo lets a scheduled action run."""
    farm.flow("hang", "/late_answer", order_by="none", total=60)
    farm.flow("calm", "?think=0.05")
    options = {"limit_time_real_cron": WATCHDOG}
    with running_odoo(farm.server, farm.database, **options) as odoo:
        farm.emit("hang", [(f"hang-{n}", 0) for n in range(3)])
        farm.emit("calm", [(f"calm-{n}", m) for m in range(4) for n in range(size.of(20, 80))])
        until(lambda: re.search(r"WorkerCron \(\d+\) timeout", odoo.log()), "the watchdog")
        while farm.states()["done"] < len(farm.accepted):
            farm.nursery.run("trigger_reaper")
            time.sleep(1)
    facts = farm.check()
    hung = [d.key for d in facts.deliveries if "hang-" in d.reference]
    assert all(hung.count(key) >= 2 for key in hung), "nobody was killed with an order in hand"


def test_cron_workers_killed_under_load_lose_nothing(farm, size, seed):
    chance = random.Random(seed)
    farm.flow("cron-chain", "?think=0.05")
    farm.flow("cron-loose", "?think=0.05", order_by="none")
    orders = [(f"cron-{n}", m) for m in range(4) for n in range(size.of(60, 300))]
    with running_odoo(farm.server, farm.database) as odoo:
        until(lambda: cron_workers(odoo), "cron workers")
        farm.emit("cron-chain", orders)
        farm.emit("cron-loose", [(f"cron-free-{n}", m) for n, m in orders])
        killed, wanted = 0, size.of(8, 80)
        while killed < wanted and farm.states()["done"] < len(farm.accepted):
            for pid in cron_workers(odoo):
                # Some at rest, some with orders in hand.
                if chance.random() < 0.5:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed += 1
            time.sleep(chance.uniform(0.5, 1.5))
            farm.nursery.run("trigger_reaper")
        assert killed, "nobody was killed"
        while True:
            while _open(farm):
                farm.nursery.run("trigger_reaper")
                time.sleep(1)
            if not farm.nursery.run("redrive"):
                break
    farm.check(seed=seed)


def _open(farm) -> int:
    states = farm.states()
    return states["ready"] + states["waiting"] + states["running"]
