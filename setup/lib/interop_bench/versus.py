"""Beside queue_job: draining, enqueueing, latency. Beside the bare loop: one lane."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from .agent import Agent, Piped
from .figures import Goal, median, percentile, ratio, rounds
from .measures import Bench, Figures, measure
from .sides import WARM_JOBS, Drain, Tuning, finish, pauses

_PATH = "/nmc"
# Tried in this order, so that the quick form tries the likeliest.
_FAST = (Tuning(4, 5), Tuning(8, 9), Tuning(2, 3), Tuning(12, 13))
_SLOW = (Tuning(8, 9), Tuning(12, 13), Tuning(4, 5), Tuning(16, 17))
_SLOW_PARTNER = 0.05


def _drain_both(bench: Bench, fixture: str, choices: tuple[Tuning, ...], size: int) -> Any:
    """Both sides in turn, round by round, after queue_job was tuned for this fixture."""
    ours, theirs, sizes = bench.ours, bench.theirs, bench.sizes
    emit = {"orders": (ours.orders, theirs.orders)}.get(fixture, (ours.documents, theirs.documents))
    tuning, probes = theirs.tune(emit[1], sizes.probe, choices[: sizes.choices])
    bench.tunings[fixture] = tuning
    mine: list[Drain] = []
    other: list[Drain] = []
    for _round in range(sizes.rounds):
        with ours.working(tuning.processes):
            mine.append(ours.drain(emit[0], size))
        other.append(theirs.drain(emit[1], sizes.jobs, tuning))
    figure = ratio([drain.rate for drain in mine], [drain.rate for drain in other])
    raw = {
        "interop_per_second": rounds([drain.rate for drain in mine]),
        "queue_job_per_second": rounds([drain.rate for drain in other]),
        "interop_to_last_arrival": rounds([d.count / d.to_last_arrival for d in mine]),
        "queue_job_to_last_arrival": rounds([d.count / d.to_last_arrival for d in other]),
        "messages": {"interop": size, "queue_job": sizes.jobs},
        "queue_job_tuning": {"capacity": tuning.capacity, "http_workers": tuning.workers},
        "queue_job_probes_per_second": probes,
        "processes": {
            "interop": f"{tuning.processes} dedicated workers",
            "queue_job": f"{tuning.workers} HTTP workers and the job runner",
        },
    }
    return figure, raw


@measure("drain_ratio", "Drain, precomposed", "×", Goal(6, 11))
def drain(bench: Bench) -> Figures:
    return {"drain_ratio": _drain_both(bench, "precomposed", _FAST, bench.sizes.fast)}


@measure("drain_po_ratio", "Drain, purchase orders", "×", Goal(4, 6))
def drain_orders(bench: Bench) -> Figures:
    return {"drain_po_ratio": _drain_both(bench, "orders", _FAST, bench.sizes.orders)}


@measure("drain_slow_ratio", "Drain, partner takes 50 ms", "×", Goal(6, 12))
def drain_slow(bench: Bench) -> Figures:
    bench.house.partner.delay(_PATH, _SLOW_PARTNER)
    try:
        return {"drain_slow_ratio": _drain_both(bench, "slow", _SLOW, bench.sizes.slow)}
    finally:
        bench.house.partner.delay(_PATH, 0)


def _enqueue(bench: Bench, per_transaction: int, mine: int, other: int) -> Any:
    """Nothing else runs; a transaction is what a request has: a fresh cursor and environment."""
    ours, theirs, world = bench.ours, bench.theirs, bench.ours.world
    rates: tuple[list[float], list[float]] = ([], [])

    def interop(count: int) -> float:
        seconds: float = ours.agent.call(
            "emit_documents",
            body=world.body,
            first=world.take(count),
            count=count,
            company_id=world.company_id,
            per_transaction=per_transaction,
        )
        return count / seconds

    def queue_job(count: int) -> float:
        seconds: float = theirs.agent.call(
            "delay_documents",
            body=world.body,
            first=world.take(count),
            count=count,
            per_transaction=per_transaction,
        )
        return count / seconds

    for _round in range(bench.sizes.rounds):
        for side, enqueue, count, kept in (
            (ours, interop, mine, rates[0]),
            (theirs, queue_job, other, rates[1]),
        ):
            bench.house.tidy(side.database)
            enqueue(max(per_transaction, count // 10))  # warm
            kept.append(enqueue(count))
        _forget_backlog(bench)
    raw = {
        "interop_per_second": rounds(rates[0]),
        "queue_job_per_second": rounds(rates[1]),
        "per_transaction": per_transaction,
        "messages": {"interop": mine, "queue_job": other},
    }
    return ratio(*rates), raw


def _forget_backlog(bench: Bench) -> None:
    """What was only enqueued is not to be drained by the next measure."""
    house = bench.house
    house.rows(
        bench.ours.database,
        "UPDATE interop_message SET state = 'cancelled' WHERE state IN ('waiting', 'ready')",
    )
    house.rows(bench.theirs.database, "DELETE FROM queue_job WHERE state <> 'done'")


@measure("enqueue_one_ratio", "Enqueue, 1 per transaction", "×", Goal(1.3, 2))
def enqueue_one(bench: Bench) -> Figures:
    sizes = bench.sizes
    return {"enqueue_one_ratio": _enqueue(bench, 1, sizes.enqueued, sizes.delayed)}


@measure("enqueue_many_ratio", "Enqueue, 100 per transaction", "×", Goal(10, 16))
def enqueue_many(bench: Bench) -> Figures:
    sizes = bench.sizes
    figure = _enqueue(bench, 100, sizes.enqueued * 4, sizes.delayed)
    return {"enqueue_many_ratio": figure}


# -- latency -----------------------------------------------------------------------------------


def _singly(bench: Bench, agent: Agent, command: str, **arguments: Any) -> list[float]:
    """Milliseconds from just before the commit to the arrival of the whole request."""
    partner, world = bench.house.partner, bench.ours.world
    count = bench.sizes.idle
    for _warming in (True, False):
        partner.reset()
        waits = pauses(5 if _warming else count)
        asked = {"body": world.body, "first": world.take(len(waits)), "pauses": waits}
        committed: dict[str, int] = agent.call(command, **asked, **arguments)
        partner.wait_for(len(waits), 60)
    arrived = partner.moments()
    return [(arrived[key] - moment) / 1e6 for key, moment in committed.items()]


@measure("latency_p50_ratio", "Idle latency, p50", "×", Goal(1, 0.5, lower=True))
@measure("latency_p95_ratio", "Idle latency, p95", "×", Goal(1, 0.5, lower=True))
def latency(bench: Bench) -> Figures:
    ours, theirs, world = bench.ours, bench.theirs, bench.ours.world
    tuning = bench.tunings.get("precomposed", Tuning(4, 5))
    mine: list[list[float]] = []
    other: list[list[float]] = []
    for _round in range(bench.sizes.rounds):
        with ours.working(1):
            mine.append(_singly(bench, ours.agent, "emit_singly", company_id=world.company_id))
        theirs.documents(WARM_JOBS * tuning.workers, priority=1)
        with theirs.running(tuning):
            theirs.wait_until_done()
            other.append(_singly(bench, theirs.agent, "delay_singly"))
    figures: Figures = {}
    for name, share in (("p50", 0.50), ("p95", 0.95)):
        sides = [[percentile(round_, share) for round_ in side] for side in (mine, other)]
        raw = {"interop_ms": rounds(sides[0]), "queue_job_ms": rounds(sides[1])}
        figures[f"latency_{name}_ratio"] = (ratio(*sides), raw | {"messages": bench.sizes.idle})
    return figures


@measure("latency_cron_p50_ms", "Idle latency, cron lanes, p50", "ms", Goal(150, 100, lower=True))
def latency_cron(bench: Bench) -> Figures:
    ours, world = bench.ours, bench.ours.world
    p50: list[float] = []
    p95: list[float] = []
    for _round in range(bench.sizes.rounds):
        with bench.house.odoo(
            "bench-cron", ours.database, False, {}, workers=2, max_cron_threads=3
        ):
            ours.documents(20)
            ours.wait_until_settled()
            taken = _singly(bench, ours.agent, "emit_singly", company_id=world.company_id)
        p50.append(percentile(taken, 0.5))
        p95.append(percentile(taken, 0.95))
    return {"latency_cron_p50_ms": (median(p50), {"p50_ms": rounds(p50), "p95_ms": rounds(p95)})}


# -- the bare limit ------------------------------------------------------------------------------


def _bare(bench: Bench, count: int, sync: str) -> Drain:
    house, ours = bench.house, bench.ours
    environment = {**os.environ, "PYTHONPATH": os.fspath(house.library)}
    command = [sys.executable, "-m", "interop_bench.bare", house.dsn(ours.database)]
    command += [f"{house.partner.url}{_PATH}/bare", str(count), sync]
    loop = Piped(command, environment, house.server.layout.logs / "bench-bare.log")
    try:
        loop.write(json.dumps(ours.world.body, separators=(",", ":"), ensure_ascii=False))
        loop.read()
        house.tidy(ours.database)
        house.partner.reset()
        loop.write("go")

        def done() -> float:
            loop.read()
            return time.monotonic()

        return finish(house, count, 0, done)
    finally:
        loop.close()


@measure("bare_share", "Share of the bare limit, one lane", "", Goal(0.60, 0.80))
def bare_share(bench: Bench) -> Figures:
    """Beside the quicker of two bare loops: one that waits for the disk at each commit, as our own
    commits do, and one that does not."""
    ours, sizes = bench.ours, bench.sizes
    lane: list[float] = []
    bare: dict[str, list[float]] = {"on": [], "off": []}
    for _round in range(sizes.rounds):
        with ours.working(1):
            lane.append(ours.drain(ours.documents, sizes.fast).rate)
        for sync, kept in bare.items():
            kept.append(_bare(bench, sizes.bare, sync).rate)
    raw = {
        "interop_per_second": rounds(lane),
        "bare_waiting_for_disk_per_second": rounds(bare["on"]),
        "bare_not_waiting_per_second": rounds(bare["off"]),
        "messages": {"interop": sizes.fast, "bare": sizes.bare},
        "processes": 1,
    }
    return {"bare_share": (min(ratio(lane, each) for each in bare.values()), raw)}
