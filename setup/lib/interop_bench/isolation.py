"""What must not disturb what: more workers, a partner that hangs, big documents, a full table."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .agent import until
from .figures import Goal, median, ratio, rounds, spread
from .house import forget_peak, resident
from .measures import Bench, Figures, measure

_PATH, _OTHER_PATH = "/nmc", "/nd"
_SLOW_PARTNER = 0.05
# So many of the hanging partner's messages are whole; nobody gets to the rest of them.
_WHOLE = 200
_MEGABYTES = 10


@measure("scale_two_workers", "Two workers of 8 slots against one", "×", Goal(1.7, 1.9))
def scale(bench: Bench) -> Figures:
    ours, size = bench.ours, bench.sizes.scaled
    rates: dict[int, list[float]] = {1: [], 2: []}
    bench.house.partner.delay(_PATH, _SLOW_PARTNER)
    try:
        for _round in range(bench.sizes.rounds):
            for workers, kept in rates.items():
                with ours.working(workers, "--slots", "8"):
                    kept.append(ours.drain(ours.documents, size * workers).rate)
    finally:
        bench.house.partner.delay(_PATH, 0)
    raw = {
        "one_per_second": rounds(rates[1]),
        "two_per_second": rounds(rates[2]),
        "messages_per_worker": size,
        "partner_seconds": _SLOW_PARTNER,
    }
    return {"scale_two_workers": (ratio(rates[2], rates[1]), raw)}


# -- a partner that hangs ------------------------------------------------------------------------


@measure("fairness", "Drain beside a partner that hangs", "", Goal(0.9, 0.98))
def fairness(bench: Bench) -> Figures:
    ours, sizes = bench.ours, bench.sizes
    alone: list[float] = []
    beside: list[float] = []
    _make_backlog(bench)
    for _round in range(sizes.rounds):
        with _other_connector(bench, "paused"), ours.working(1):
            alone.append(ours.drain(ours.documents, sizes.fast).rate)
        with _other_connector(bench, "active"), ours.working(1) as pids:
            try:
                _wait_until_it_hangs(bench)
                beside.append(ours.drain(ours.documents, sizes.fast).rate)
            finally:
                # In good order it would wait for the partner that hangs.
                os.kill(pids[0], signal.SIGKILL)
    _run(bench, "UPDATE interop_message SET state = 'cancelled' WHERE company_id = %s")
    raw = {
        "alone_per_second": rounds(alone),
        "beside_per_second": rounds(beside),
        "waiting_for_the_hanging_partner": sizes.hanging,
        "messages": sizes.fast,
    }
    return {"fairness": (ratio(beside, alone), raw)}


def _make_backlog(bench: Bench) -> None:
    with _other_connector(bench, "paused"):
        bench.ours.documents(_WHOLE, other=True)
        bench.ours.agent.call(
            "copy_messages",
            company_id=bench.ours.world.other_company_id,
            count=bench.sizes.hanging - _WHOLE,
            state="ready",
        )


@contextmanager
def _other_connector(bench: Bench, state: str) -> Iterator[None]:
    """Nothing runs while this switches the connector of the hanging partner on or off."""
    bench.house.partner.delay(_OTHER_PATH, "hang")
    _run(
        bench,
        "UPDATE interop_connector SET state = %s WHERE company_id = %s",
        state,
    )
    try:
        yield
    finally:
        _run(
            bench,
            "UPDATE interop_message SET state = 'ready', lease_token = NULL, lease_until = NULL "
            "WHERE state IN ('running', 'waiting') AND company_id = %s",
        )
        _run(
            bench,
            "UPDATE interop_connector_runtime r SET in_flight = 0 FROM interop_connector c "
            "WHERE c.id = r.connector_id AND c.company_id = %s",
        )


def _run(bench: Bench, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """A statement about the hanging partner's company, which is its last value."""
    ours = bench.ours
    return bench.house.rows(ours.database, sql, *values, ours.world.other_company_id)


def _wait_until_it_hangs(bench: Bench) -> None:
    running = "SELECT count(*) FROM interop_message WHERE state = 'running' AND company_id = %s"
    until(lambda: _run(bench, running) == [(8,)], 30, "the other partner hangs", 0.2)


# -- big documents ---------------------------------------------------------------------------------


@measure("memory_big_mb", "Memory for 200 messages of 10 MB", "MB", Goal(250, 200, lower=True))
def memory(bench: Bench) -> Figures:
    """The highest of all rounds and not the median: what must fit must always fit."""
    peaks: list[float] = []
    idle: list[float] = []
    counts = [bench.sizes.files, *[bench.sizes.later_files] * (bench.sizes.rounds - 1)]
    for count in counts:
        at_rest, peak = _peak(bench, count)
        idle.append(at_rest)
        peaks.append(peak - at_rest)
    raw = {
        "over_idle_mb": {"rounds": [round(peak, 1) for peak in peaks], "spread": spread(peaks)},
        "idle_mb": round(median(idle), 1),
        "messages": counts,
        "megabytes_each": _MEGABYTES,
    }
    return {"memory_big_mb": (max(peaks), raw)}


def _peak(bench: Bench, count: int) -> tuple[float, float]:
    """Resident megabytes of a worker: idle and warm, and at its highest during the backlog."""
    ours, house = bench.ours, bench.house
    company_id = ours.world.company_id
    switch = "UPDATE interop_connector SET state = %s WHERE company_id = %s"
    with ours.working(1) as pids:
        house.rows(ours.database, switch, "paused", company_id)
        try:
            ours.agent.call("emit_files", count=count, megabytes=_MEGABYTES, company_id=company_id)
            idle = resident(pids[0])
            forget_peak(pids[0])
        finally:
            house.rows(ours.database, switch, "active", company_id)
        ours.wait_until_settled()
        return idle, resident(pids[0], "VmHWM")


# -- a full table --------------------------------------------------------------------------------


@measure("claim_growth", "Claim of 200, full table against empty", "×", Goal(1.5, 1.1, lower=True))
def claim_growth(bench: Bench) -> Figures:
    sizes = bench.sizes
    with bench.house.agent(bench.claims_database) as agent:
        times: dict[str, list[float]] = {"empty": [], "stale": [], "fresh": [], "snapshot": []}
        kept = agent.call(
            "measure_claims",
            body=bench.ours.world.body,
            company_id=bench.ours.world.company_id,
            finished=sizes.finished,
            waiting=sizes.waiting,
            rounds=sizes.rounds,
        )
    times.update(kept)
    empty = median(times["empty"])
    growth = {name: round(median(found) / empty, 3) for name, found in times.items()}
    raw = {f"{name}_ms": rounds(found) for name, found in times.items()} | {
        "growth": growth,
        "rows": {"finished": sizes.finished, "waiting": sizes.waiting},
    }
    return {"claim_growth": (max(growth["fresh"], growth["stale"]), raw)}
