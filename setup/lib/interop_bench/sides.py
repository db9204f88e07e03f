"""The two sides: how each takes a backlog to the partner."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count as counter
from typing import Any

from interop_setup.console import StepFailed, say

from .agent import Agent, until
from .house import House

# Before a counted backlog each process has done a few, so that no cold cache is measured.
WARM = 20
WARM_JOBS = 8
_PATIENCE = 600.0
_OPEN = (
    "SELECT count(*) FROM interop_message "
    "WHERE state IN ('waiting', 'ready', 'running') AND company_id = %s"
)
_UNSENT = "SELECT count(*) FROM interop_message WHERE state IN ('dead', 'cancelled') AND id > %s"
_UNDONE = "SELECT count(*) FROM queue_job WHERE state NOT IN ('done', 'failed', 'cancelled')"
_FAILED = "SELECT count(*) FROM queue_job WHERE state IN ('failed', 'cancelled')"


@dataclass(frozen=True, slots=True)
class Drain:
    """How a backlog went: seconds from its first arrival at the partner."""

    count: int
    to_last_arrival: float
    to_last_settled: float

    @property
    def rate(self) -> float:
        """Messages a second until the last one was settled in the database, the stricter end."""
        return self.count / self.to_last_settled


@dataclass(frozen=True, slots=True)
class World:
    """What `interop.bench` made: the same rows in both databases."""

    body: dict[str, Any]
    order_ids: list[int]
    flow_id: int
    company_id: int
    other_company_id: int
    numbers: Iterator[int] = field(default_factory=lambda: counter(1))

    def take(self, count: int) -> int:
        """The first of `count` document numbers that nobody had."""
        return [next(self.numbers) for _each in range(count)][0]


Emit = Callable[[int], None]


class Ours:
    """Interop, with dedicated workers."""

    def __init__(self, house: House, database: str, agent: Agent, world: World) -> None:
        self.house, self.database, self.agent, self.world = house, database, agent, world

    def documents(
        self, count: int, other: bool = False, body: dict[str, Any] | None = None
    ) -> None:
        world = self.world
        company = world.other_company_id if other else world.company_id
        self.agent.call(
            "emit_documents",
            body=body or world.body,
            first=world.take(count),
            count=count,
            company_id=company,
        )

    def orders(self, count: int) -> None:
        self.agent.call("emit_orders", order_ids=self.world.order_ids[:count])

    @contextmanager
    def working(self, processes: int, *arguments: str) -> Iterator[list[int]]:
        """Workers that are warm and idle; their pids."""
        with self.house.workers(self.database, processes, *arguments) as workers:
            self.documents(WARM * processes)
            self.wait_until_settled()
            yield [worker.pid() or 0 for worker in workers]

    def drain(self, emit: Emit, count: int) -> Drain:
        """The backlog becomes visible in one commit, to workers that wait for it."""
        house = self.house
        house.tidy(self.database)
        [(before,)] = house.rows(self.database, "SELECT coalesce(max(id), 0) FROM interop_message")
        house.partner.reset()
        emit(count)
        drain = finish(house, count, 0, self.wait_until_settled)
        [(unsent,)] = house.rows(self.database, _UNSENT, before)
        if unsent:
            raise StepFailed(f"{unsent} of {count} messages were not sent")
        return drain

    def wait_until_settled(self) -> float:
        return until(
            lambda: self.house.rows(self.database, _OPEN, self.world.company_id) == [(0,)],
            _PATIENCE,
            "all messages are settled",
            0.02,
        )


@dataclass(frozen=True, slots=True)
class Tuning:
    """How queue_job is run: the root channel's capacity and Odoo's HTTP workers."""

    capacity: int
    workers: int

    @property
    def processes(self) -> int:
        """Processes that do the work: HTTP workers and the job runner's. Odoo's master and its
        event worker, which idle, are counted on neither side."""
        return self.workers + 1


class Theirs:
    """OCA queue_job, run as its documentation says."""

    def __init__(self, house: House, database: str, agent: Agent, world: World) -> None:
        self.house, self.database, self.agent, self.world = house, database, agent, world

    def documents(self, count: int, priority: int = 10) -> None:
        self.agent.call(
            "delay_documents",
            body=self.world.body,
            first=self.world.take(count),
            count=count,
            per_transaction=100,
            priority=priority,
        )

    def orders(self, count: int) -> None:
        self.agent.call(
            "delay_orders",
            order_ids=self.world.order_ids[:count],
            flow_id=self.world.flow_id,
            per_transaction=100,
        )

    @contextmanager
    def running(self, tuning: Tuning) -> Iterator[None]:
        """Odoo with HTTP workers and the job runner, which begins 5 seconds after its start."""
        with self.house.odoo(
            "bench-queue-job",
            self.database,
            queue_job=True,
            variables={"ODOO_QUEUE_JOB_CHANNELS": f"root:{tuning.capacity}"},
            workers=tuning.workers,
            server_wide_modules="base,rpc,web,queue_job",
        ):
            yield

    def drain(self, emit: Emit, count: int, tuning: Tuning) -> Drain:
        """The backlog is there when the server starts; jobs that warm up come first in it."""
        house, warm = self.house, WARM_JOBS * tuning.workers
        self.documents(warm, priority=1)
        emit(count)
        house.tidy(self.database)
        house.partner.reset()
        with self.running(tuning):
            drain = finish(house, count, warm, self.wait_until_done)
        [(failed,)] = house.rows(self.database, _FAILED)
        if failed:
            raise StepFailed(f"{failed} jobs failed: see the table queue_job")
        return drain

    def wait_until_done(self) -> float:
        return until(
            lambda: self.house.rows(self.database, _UNDONE) == [(0,)],
            _PATIENCE,
            "all jobs are done",
            0.02,
        )

    def tune(
        self, emit: Emit, count: int, choices: Sequence[Tuning]
    ) -> tuple[Tuning, dict[str, float]]:
        """The best of `choices` on this machine for this work, by a short probe of each."""
        rates = {choice: self.drain(emit, count, choice).rate for choice in choices}
        best = max(rates, key=lambda choice: rates[choice])
        told = {f"root:{c.capacity}, {c.workers} workers": round(rates[c], 1) for c in rates}
        say(f"queue_job: best with capacity {best.capacity} and {best.workers} HTTP workers")
        return best, told


def finish(house: House, count: int, warm: int, wait: Callable[[], float]) -> Drain:
    """Wait for a backlog's end. The partner is asked first: counting rows is not free."""
    house.partner.wait_for(count + warm, _PATIENCE)
    settled = wait()
    seen = house.partner.arrivals(skip=warm, keys=True)
    if seen.keys != count + warm:
        raise StepFailed(f"the partner saw {seen.keys} keys instead of {count + warm}")
    return Drain(count, seen.last - seen.first, settled - seen.first)


def pauses(count: int, seed: int = 1) -> list[float]:
    """Seconds between two messages of an idle system, not in step with anybody's clock."""
    randomly = random.Random(seed)
    return [randomly.uniform(0.1, 0.25) for _each in range(count)]
