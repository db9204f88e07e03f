"""A lane: one continuous loop over the queue, not a batch barrier.

It claims only as many messages as it has free exchange slots and settles whatever has finished, so
a partner that hangs delays nobody else. A scheduled action runs a lane until nothing is left or its
time is up (`Lane.run`); a dedicated worker turns it for ever (`worker.py`).
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.keyring import KeyringError

from ..lib.exchange import ExchangePool
from ..lib.retry import Exponential
from ..lib.work import Claimed, Prepared, Verdict
from . import inbound, outbound
from .claim import BYTES, Floors, Wanted, claim, claim_suspect
from .failure import refused
from .maintenance import reap, stage, suspects_wait
from .presence import Presence
from .settle import judge, settle
from .settler import Settler
from .transaction import is_lost, keeping, read_committed, retrying, run

_logger = logging.getLogger(__name__)

_SHORTEST_LEASE = 2.0
# Inbound messages are applied by the lane itself, some between two looks at the exchanges.
INBOUND_SHARE = 16
STAGE_EVERY = 1.0
# One slot in so many is left to other connectors than the one that has the most under way.
RESERVE = 8
# How long a lane that has exchanges under way waits before it looks for new work.
NAP = 0.05
# So soon a lane looks for inbound messages that nobody has woken it for: it missed the call, or
# another lane held their connector just then.
INBOUND_EVERY = 0.25
# Another lane may have been at the connector just then: so soon a lane looks again at first.
SHORT_NAP = 0.002
# So long a lane waits for a round of work to be worth its transactions.
LINGER = 0.004
# How often a lane looks whether the key has come back for which outcomes wait.
KEY_EVERY = 0.5


def lease_seconds() -> float:
    """How long a lane may have a message in its hands; the reaper takes back what is older.

    Longer than the longest exchange and its preparation. INTEROP_LEASE shortens it for tests of
    faults, and for operators whose partners all answer quickly.
    """
    try:
        return max(float(os.environ.get("INTEROP_LEASE", "")), _SHORTEST_LEASE)
    except ValueError:
        return 180.0


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

    def __init__(
        self,
        registry: Registry,
        name: str,
        slots: int = 16,
        budget: float = 8.0,
        connectors: tuple[int, ...] | None = None,
    ) -> None:
        self.registry = registry
        self.host, self.pid = socket.gethostname(), os.getpid()
        self.name = f"{name}@{self.host}:{self.pid}"
        self.slots = slots
        self.budget = budget
        self.connectors = connectors
        self.lease = lease_seconds()
        self.environment: str | None = None
        self.report = Report()
        self.presence: Presence | None = None
        self.settler: Settler | None = None
        """Where it settles; without one, between its other work."""
        self.goes_on: Callable[[], bool] = lambda: True
        """Asked between inbound messages: what has not begun when it says no is given back."""
        self.on_backlog: Callable[[], None] = lambda: None
        self._floors = {"out": Floors(), "in": Floors()}
        self._refilled_at = self._inbound_at = 0.0
        self._cap = slots - slots // RESERVE
        self._batches: Mapping[int, int] = {}
        self._staged_at = -STAGE_EVERY
        self._suspected = False
        self._nap = SHORT_NAP
        self._verdicts: list[Verdict] = []
        self._in_hand: list[Claimed] = []
        """Claimed, and neither handed to an exchange nor settled yet."""

    def run(self) -> Report:
        """One run of a scheduled action."""
        if not self.open():
            return self.report
        deadline = time.monotonic() + self.budget
        with keeping(self.registry), ExchangePool(self.slots) as pool:
            while True:
                going_on = time.monotonic() < deadline and not self.report.reason
                worked = self.turn(pool, going_on)
                if not pool.busy and (not worked or not going_on):
                    self._wait_for_key(pool, deadline)
                    break
        return self.report

    def open(self) -> bool:
        """Whether this database may talk to the outside and its keyring can be used."""
        self.report.reason = ""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["interop.fence"]._show_alive()
            state = env["interop.fence"]._state()
            self.environment = state.environment
            self._batches = env["interop.flow"]._batch_sizes()
            if not state.is_open:
                self.report.reason = state.reason
                return False
            try:
                # Compared with what is registered, too: another host may have made or retired keys.
                env["interop.keyring"]._verify()
            except KeyringError as problem:
                self._stand_still(problem)
                return False
        return True

    def _stand_still(self, problem: KeyringError) -> None:
        """Without the key nothing can be opened or sealed: stop, lose nothing, say why."""
        if self.report.reason != problem.sentence:
            _logger.error("interop: the lanes stand still: %s", problem.sentence)
        self.report.reason = problem.sentence

    def _wait_for_key(self, pool: ExchangePool, deadline: float) -> None:
        """Outcomes that could not be written are tried again as long as this run may last.

        After it their leases end, and their messages are sent again under the same keys.
        """
        while self._verdicts and time.monotonic() < deadline:
            self.collect(pool, worked=False, patience=KEY_EVERY)

    def turn(self, pool: ExchangePool, going_on: bool = True) -> int:
        """Claim, prepare, hand over, settle what has finished; return how much was done."""
        worked = self.work(pool) if going_on else 0
        return worked + self.collect(pool, bool(worked))

    def work(self, pool: ExchangePool) -> int:
        """Begin new work; return with how many messages."""
        worked = 0
        self._let_go()
        if not self._suspected:
            worked += self._outbound(pool)
            worked += self._inbound(pool)
        elif not pool.busy and not self.unsettled:
            worked += self._run_suspect(pool)
        worked += self._stage()
        if self.presence is not None:
            self.presence.beat(self.registry, pool, self.report.handled, self.report.reason)
        return worked

    def collect(self, pool: ExchangePool, worked: bool, patience: float = 0.0) -> int:
        """Settle the exchanges that have finished; return how many.

        A lane with nothing to do waits here: for the next exchange to finish if some are under way,
        else for `patience` seconds or the pool's `wake`.
        """
        if worked:
            self._nap, timeout = SHORT_NAP, 0.0
        elif pool.busy:
            timeout = min(self._nap, NAP)
            self._nap = timeout * 2
        else:
            timeout = patience
        finished = pool.finished(timeout, LINGER)
        # Kept until they are written: if the database is away just now, the outcomes are not lost.
        self._verdicts += [verdict for exchanged in finished for verdict in judge(exchanged)]
        try:
            self._settle(pool)
        except KeyringError as problem:
            # A partner's reply cannot be sealed just now: the outcomes wait for the key.
            self._stand_still(problem)
            return 0
        return len(finished)

    def _settle(self, pool: ExchangePool) -> None:
        if self.settler is None:
            self.report.add(settle(self.registry, self._verdicts, self.name))
            self._verdicts = []
            return
        if not self._verdicts and not self.settler.is_done:
            return
        outcomes, unwritten, failure = self.settler.end()
        self.report.add(outcomes)
        self._verdicts = unwritten + self._verdicts
        if failure is not None:
            raise failure
        if self._verdicts:
            batch, self._verdicts = self._verdicts, []
            self.settler.begin(
                self.registry,
                batch,
                lambda verdicts: settle(self.registry, verdicts, self.name),
                pool.stir,
            )

    @property
    def unsettled(self) -> int:
        """Outcomes that are not written yet."""
        return len(self._verdicts) + self.being_settled

    @property
    def being_settled(self) -> int:
        return self.settler.waiting if self.settler else 0

    # -- steps ---------------------------------------------------------------------------------

    def _stage(self) -> int:
        """Once a second: let what is due be ready, and look for messages under suspicion."""
        now = time.monotonic()
        if now - self._staged_at < STAGE_EVERY:
            return 0
        self._staged_at = now
        self._suspected = suspects_wait(self.registry, self.connectors)
        staged = retrying(lambda: stage(self.registry))
        if staged:
            self._inbound_at = 0.0  # some of them may be inbound
        return staged + self._suspected

    def _wanted(self, direction: str, slots: int, left: int = BYTES) -> Wanted:
        return Wanted(
            direction,
            self.environment or "",
            slots,
            self.lease,
            left,
            self.connectors,
        )

    def _outbound(self, pool: ExchangePool) -> int:
        left = BYTES - pool.bytes
        now = time.monotonic()
        # Slots are refilled some at a time: a claim of eight costs little more than one of one.
        enough = max(self.slots // 4, 1) if now - self._refilled_at < LINGER else 1
        if pool.free < enough or left <= 0:
            return 0
        self._refilled_at = now
        wanted = replace(
            self._wanted("out", pool.free, left),
            in_hand=pool.per_connector,
            # A partner that hangs never holds all slots of a lane, whatever its connector's limit.
            cap=self._cap,
            batches=self._batches,
        )
        claimed = claim(self.registry, self.name, wanted, self._floors["out"])
        if len(claimed) >= self._cap:
            self.on_backlog()
        self._send(pool, claimed)
        return len(claimed)

    def _inbound(self, pool: ExchangePool) -> int:
        if time.monotonic() < self._inbound_at and not pool.woken:
            return 0
        pool.woken = False
        wanted = self._wanted("in", INBOUND_SHARE)
        claimed = claim(self.registry, self.name, wanted, self._floors["in"])
        self._apply(claimed)
        self._inbound_at = 0.0 if claimed else time.monotonic() + INBOUND_EVERY
        return len(claimed)

    def _run_suspect(self, pool: ExchangePool) -> int:
        """A message that took its worker down before is run with nothing else in hand."""
        if claimed := claim_suspect(self.registry, self.name, self._wanted("out", 1)):
            self._send(pool, claimed)
        elif claimed := claim_suspect(self.registry, self.name, self._wanted("in", 1)):
            self._apply(claimed)
        else:
            self._suspected = False
        return len(claimed)

    def _send(self, pool: ExchangePool, claimed: list[Claimed]) -> None:
        if claimed:
            self._in_hand = claimed
            pool.submit(self._prepare(claimed))
            self._in_hand = []

    def _apply(self, claimed: list[Claimed]) -> None:
        if claimed:
            self._in_hand = claimed
            try:
                self.report.add(
                    inbound.handle_many(self.registry, claimed, self.name, self.goes_on)
                )
            except KeyringError as problem:
                self._stand_still(problem)
            self._in_hand = []

    def _let_go(self) -> None:
        """What was in hand when the database went away: the reaper takes it back, and counts it."""
        if self._in_hand:
            expire(self.registry, self._in_hand)
            self._in_hand = []
            reap(self.registry)

    def _prepare(self, claimed: list[Claimed]) -> list[Prepared]:
        try:
            prepared, verdicts = outbound.prepare(self.registry, claimed)
        except KeyringError as problem:
            give_back(self.registry, claimed)
            self._stand_still(problem)
            return []
        except Exception as failure:
            if is_lost(failure):
                raise
            if len(claimed) > 1:
                # One of them spoils the batch: each on its own, so that only that one fails.
                return [item for message in claimed for item in self._prepare([message])]
            prepared, verdicts = [], [refused(claimed[0], failure, Exponential())]
        self.report.add(settle(self.registry, verdicts, self.name))
        return prepared


def expire(registry: Registry, claimed: list[Claimed]) -> None:
    """End the leases of `claimed` at once."""

    def action() -> None:
        with read_committed(registry) as cr:
            run(
                cr,
                "expire_leases",
                ids=[message.id for message in claimed],
                tokens=sorted({message.token for message in claimed}),
            )

    retrying(action)


def give_back(registry: Registry, claimed: list[Claimed]) -> None:
    """Return what was claimed but not begun, as if it had never been claimed."""

    def action() -> None:
        with read_committed(registry) as cr:
            connectors = sorted({message.connector_id for message in claimed})
            run(cr, "lock_runtimes", connector_ids=connectors)
            returned = run(
                cr,
                "give_back",
                ids=[message.id for message in claimed],
                tokens=sorted({message.token for message in claimed}),
            )
            landed: dict[int, int] = dict.fromkeys(connectors, 0)
            for row in returned:
                landed[row["connector_id"]] += row["direction"] == "out"
            zeros = [0] * len(landed)
            run(
                cr,
                "settle_runtimes",
                connector_id=list(landed),
                ok=zeros,
                failed=zeros,
                landed=list(landed.values()),
            )

    if claimed:
        retrying(action)
