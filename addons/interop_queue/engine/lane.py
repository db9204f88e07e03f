"""A lane: one continuous loop over the queue, not a batch barrier.

It claims only as many messages as it has free exchange slots and settles whatever has finished, so
a partner that hangs delays nobody else.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.keyring import KeyringError

from ..lib.exchange import ExchangePool
from ..lib.retry import Exponential
from ..lib.work import Claimed, Prepared
from . import inbound, outbound
from .claim import claim
from .failure import refused
from .maintenance import stage
from .settle import judge, settle
from .transaction import read_committed, retrying, run

_logger = logging.getLogger(__name__)

# Longer than the longest exchange and its preparation; the reaper takes back what is older.
LEASE = 180.0
# Inbound messages are applied by the lane itself, a few between two looks at the exchanges.
INBOUND_SHARE = 4
STAGE_EVERY = 1.0
NAP = 0.05


@dataclass(slots=True)
class Report:
    """What a run did, for the lane's record."""

    handled: int = 0
    reason: str = ""
    states: dict[str, int] = field(default_factory=dict)

    def add(self, outcomes) -> None:
        for outcome in outcomes:
            self.handled += 1
            self.states[outcome.state] = self.states.get(outcome.state, 0) + 1


class Lane:
    """Runs until nothing is claimable or `budget` seconds are over; waits for what it began."""

    def __init__(self, registry: Registry, name: str, slots: int = 16, budget: float = 8.0) -> None:
        self.registry = registry
        self.name = f"{name}@{socket.gethostname()}:{os.getpid()}"
        self.slots = slots
        self.budget = budget
        self.report = Report()
        self.on_backlog: Callable[[], None] = lambda: None

    def run(self) -> Report:
        environment = self._environment()
        if environment is None:
            return self.report
        deadline = time.monotonic() + self.budget
        staged_at = -STAGE_EVERY
        with ExchangePool(self.slots) as pool:
            while True:
                going_on = time.monotonic() < deadline and not self.report.reason
                worked = 0
                if going_on:
                    if time.monotonic() - staged_at >= STAGE_EVERY:
                        staged_at = time.monotonic()
                        retrying(lambda: stage(self.registry))
                    worked += self._outbound(pool, environment)
                    worked += self._inbound(environment)
                finished = pool.finished(0 if worked else NAP)
                verdicts = [judge(exchanged) for exchanged in finished]
                self.report.add(settle(self.registry, verdicts, self.name))
                if not pool.busy and not worked and not finished:
                    break
                if not going_on and not pool.busy:
                    break
        return self.report

    # -- steps ---------------------------------------------------------------------------------

    def _environment(self) -> str | None:
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            state = env["interop.fence"]._state()
            if not state.is_open:
                self.report.reason = state.reason
                return None
            try:
                env["interop.keyring"]._get()
            except KeyringError as problem:
                # Without the key nothing could be opened or sealed: stop, lose nothing, say why.
                self.report.reason = problem.sentence
                _logger.error("interop: the lanes stand still: %s", problem.sentence)
                return None
            return state.environment

    def _outbound(self, pool: ExchangePool, environment: str) -> int:
        claimed = claim(self.registry, self.name, "out", environment, pool.free, LEASE)
        if not claimed:
            return 0
        if len(claimed) >= self.slots:
            self.on_backlog()
        pool.submit(self._prepare(claimed))
        return len(claimed)

    def _prepare(self, claimed: list[Claimed]) -> list[Prepared]:
        try:
            prepared, verdicts = outbound.prepare(self.registry, claimed)
        except KeyringError as problem:
            give_back(self.registry, claimed)
            self.report.reason = problem.sentence
            return []
        except Exception as failure:
            if len(claimed) > 1:
                # One of them spoils the batch: each on its own, so that only that one fails.
                return [item for message in claimed for item in self._prepare([message])]
            prepared, verdicts = [], [refused(claimed[0], failure, Exponential())]
        self.report.add(settle(self.registry, verdicts, self.name))
        return prepared

    def _inbound(self, environment: str) -> int:
        claimed = claim(self.registry, self.name, "in", environment, INBOUND_SHARE, LEASE)
        for message in claimed:
            self.report.add(inbound.handle(self.registry, message, self.name))
        return len(claimed)


def give_back(registry: Registry, claimed: list[Claimed]) -> None:
    """Return what was claimed but not begun, as if it had never been claimed."""
    by_token: dict[str, list[int]] = {}
    for message in claimed:
        by_token.setdefault(message.token, []).append(message.id)
    with read_committed(registry) as cr:
        for token, ids in by_token.items():
            run(cr, "give_back", ids=ids, token=token)
