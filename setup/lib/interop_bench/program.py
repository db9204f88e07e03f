"""Measures what is asked for, prints the table, writes the JSON, and says what falls short."""

from __future__ import annotations

import argparse
import json
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from interop_setup import machine as setup
from interop_setup.console import main, say
from interop_setup.databases import Databases
from interop_setup.server import Server

from . import (
    evidence,
    figures,
    guarding,
    idle,
    isolation,
    machine,
    mapping,
    policies,
    queue_job,
    rehearsing,
    screening,
    sealing,
    versus,
)
from .agent import PartnerProcess
from .house import House
from .measures import MEASURES, Alone, Bench, Measure, Run, Sizes
from .sides import Ours, Theirs, Tuning, World

# In the order of the table; what shares a run stands together.
KEYS = (
    "drain_ratio",
    "drain_po_ratio",
    "drain_slow_ratio",
    "enqueue_one_ratio",
    "enqueue_many_ratio",
    "latency_p50_ratio",
    "latency_p95_ratio",
    "latency_cron_p50_ms",
    "bare_share",
    "claim_growth",
    "scale_two_workers",
    "fairness",
    "memory_big_mb",
    "idle_cpu_share",
    "policy_share",
    "screen_ms",
    "guard_ms",
    "seal_over_us",
    "map_ms",
    "audit_seal_rate",
    "audit_verify_1m_s",
    "audit_drag",
    "rehearse_1000_s",
)
_REGISTERING = (
    versus,
    isolation,
    idle,
    policies,
    screening,
    guarding,
    sealing,
    mapping,
    evidence,
    rehearsing,
)


def program() -> int:
    options = _arguments()
    sizes = Sizes.quick(options.rounds or 1) if options.quick else Sizes(options.rounds or 3)
    started = datetime.now(UTC)
    server = setup.prepare("run", "test")
    measures = [MEASURES[key] for key in options.only or KEYS]
    facts = machine.facts(server)
    tunings: dict[str, Tuning] = {}
    if all(measure.alone for measure in measures):
        results = _measure(None, sizes, measures)
    else:
        with server.cluster.in_use(), _bench(server, sizes) as bench:
            version = queue_job.version(server.layout)
            facts |= machine.facts_of_sides(bench.house, bench.ours.database, version)
            results = _measure(bench, sizes, measures)
            tunings = bench.tunings
    print(f"\n{figures.table(results)}\n", flush=True)
    about = {
        "machine": facts,
        "rounds": sizes.rounds,
        "quick": options.quick,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds()),
        "tunings": {
            name: f"root:{tuning.capacity}, {tuning.workers} HTTP workers"
            for name, tuning in tunings.items()
        },
    }
    if options.json:
        options.json.write_text(json.dumps(figures.document(results, about), indent=2) + "\n")
        say(f"written to {options.json}")
    failed = figures.failed(results)
    say("all figures are reached" if not failed else f"NOT REACHED: {', '.join(failed)}")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="setup/bench",
        description="Installs what is missing and measures the queue, beside OCA queue_job and "
        "beside a bare loop.",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--rounds", type=_positive, metavar="N", help="rounds (3; quick: 1)")
    parser.add_argument(
        "--only", type=_keys, metavar="KEY,KEY", help=f"only these of: {', '.join(KEYS)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small and once: shows that it works, not how fast"
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one round")
    return number


def _keys(text: str) -> list[str]:
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if unknown := set(keys) - set(KEYS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return sorted(keys, key=KEYS.index)


@contextmanager
def _bench(server: Server, sizes: Sizes) -> Iterator[Bench]:
    """Databases with the same world in each, the partner, and a process inside each Odoo."""
    layout = server.layout
    server.provide_keyring()
    extra = queue_job.provide(layout)
    databases = Databases(server)
    template = databases.suite_template()
    with ExitStack() as stack:
        partner = PartnerProcess(layout.logs)
        stack.callback(partner.close)
        house = House(server, databases, partner, extra)
        ours = stack.enter_context(databases.scratch(template, "bench_ours"))
        databases.arm(ours, "benchmark")
        say("bench: a world of companies, flows and orders, the same for both sides")
        house.install(ours, "interop_bench")
        with house.agent(ours) as agent:
            world = World(**agent.call("set_up", partner_url=partner.url, orders=sizes.orders))
        claims = stack.enter_context(databases.scratch(ours, "bench_claims"))
        theirs = stack.enter_context(databases.scratch(ours, "bench_theirs"))
        house.install(theirs, "interop_bench_queue_job")
        agents = [
            stack.enter_context(house.agent(ours)),
            stack.enter_context(house.agent(theirs, queue_job=True)),
        ]
        agents[1].call("set_up_jobs", url=f"{partner.url}/nmc/orders")
        yield Bench(
            house,
            Ours(house, ours, agents[0], world),
            Theirs(house, theirs, agents[1], world),
            claims,
            sizes,
        )


def _measure(
    bench: Bench | None, sizes: Sizes, measures: Sequence[Measure]
) -> list[figures.Result]:
    """Each measure once, however many figures it yields; one that fails does not end the run."""
    outcomes: dict[
        Run | Alone | None, tuple[dict[str, tuple[float, dict[str, object]]], str, float]
    ] = {}
    results = []
    for measure in measures:
        run = measure.run or measure.alone
        if run not in outcomes:
            say(f"bench: {measure.title}")
            outcomes[run] = _outcome(bench, sizes, measure)
        found, error, seconds = outcomes[run]
        result = figures.Result(measure.key, measure.title, measure.unit, measure.goal)
        result.error, result.seconds = error, seconds
        if measure.key in found:
            result.figure, result.raw = found[measure.key]
        results.append(result)
        say(f"bench: {'  '.join(result.row[1:3])}")
    return results


def _outcome(
    bench: Bench | None, sizes: Sizes, measure: Measure
) -> tuple[dict[str, tuple[float, dict[str, object]]], str, float]:
    started = time.monotonic()
    try:
        if measure.alone:
            return measure.alone(sizes), "", time.monotonic() - started
        assert bench is not None and measure.run is not None
        return measure.run(bench), "", time.monotonic() - started
    except Exception as failure:
        traceback.print_exc()
        return {}, str(failure) or type(failure).__name__, time.monotonic() - started


if __name__ == "__main__":
    main(program)
