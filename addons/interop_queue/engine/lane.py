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

from ..lib.batching import Batching
from ..lib.exchange import ExchangePool
from ..lib.glances import Glances
from ..lib.retry import Exponential
from ..lib.work import Claimed, Prepared, Verdict
from . import inbound, outbound
from .batches import depart
from .claim import BYTES, Floors, Wanted, claim, claim_suspect
from .failure import refused
from .gates import refresh_windows, seconds_to_gate
from .giving_back import expire, give_back
from .lease import lease_seconds
from .maintenance import reap, something_ready, stage, suspects_wait
from .presence import Presence
from .settle import judge, settle
from .settler import Settler
from .transaction import is_lost, keeping, repeatable_read, retrying
from .turns import LEAST, Turn, Turns

_logger = logging.getLogger(__name__)

# Inbound messages are applied by the lane itself, some between two looks at the exchanges.
INBOUND_SHARE = 16
STAGE_EVERY = 1.0
# One slot in so many is left to other connectors than the one that has the most under way.
RESERVE = 8
# How long a lane that has exchanges under way waits before it looks for new work.
NAP = 0.05
# So soon a lane looks for inbound messages that nobody has woken it for: it missed the call, or
# another lane held their connector just then. Twice as late each time that it finds none.
INBOUND_EVERY = 0.25
INBOUND_AT_LEAST_EVERY = 1.0
# Another lane may have been at the connector just then: so soon a lane looks again at first.
SHORT_NAP = 0.002
# So long a lane waits for a round of work to be worth its transactions.
LINGER = 0.004
# How often a lane looks whether the key has come back for which outcomes wait.
KEY_EVERY = 0.5


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
        self._turns = {"out": Turns(slots), "in": Turns(0)}
        self._refilled_at = 0.0
        self._inbound_glances = Glances(INBOUND_EVERY, INBOUND_AT_LEAST_EVERY)
        self._cap = slots - slots // RESERVE
        self._batches: Mapping[int, int] = {}
        self._gathering: Mapping[int, Batching] = {}
        self._coalescing: frozenset[int] = frozenset()
        self._staged_at = -STAGE_EVERY
        self._suspected = False
        self._found_nothing = False
        self.is_quiet = False
        """Nothing was ready at the last look, and what is due by time was looked at as well."""
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
                    if going_on and self._wait_for_gate(pool, deadline):
                        continue
                    self._wait_for_key(pool, deadline)
                    break
        return self.report

    def open(self) -> bool:
        """Whether this database may talk to the outside and its keyring can be used."""
        self.report.reason = ""
        with repeatable_read(self.registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            state = env["interop.fence"]._state(alive=True)
            self.environment = state.environment
            self._batches = env["interop.flow"]._batch_sizes()
            if env["interop.flow"]._has_urgent():
                self._turns["out"].urgent_is_about()
            self._gathering = env["interop.flow"]._batching()
            self._coalescing = env["interop.flow"]._coalescing()
            if not state.is_open:
                self.report.reason = state.reason
                return False
            try:
                # Compared with what is registered, too: another host may have made or retired keys.
                env["interop.keyring"]._verify_again()
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

    def _wait_for_gate(self, pool: ExchangePool, deadline: float) -> bool:
        """Wait until a gate opens that opens within this run: for the next token of a rate limit.

        The scheduled action is not run again meanwhile.
        """
        seconds = self.seconds_to_gate()
        if seconds is None or time.monotonic() + seconds >= deadline:
            return False
        self.collect(pool, worked=False, patience=seconds)
        return True

    def seconds_to_gate(self) -> float | None:
        """When a gate opens behind which messages are ready; None if none does by itself."""
        return None if self.is_quiet else seconds_to_gate(self.registry, self.environment)

    def turn(self, pool: ExchangePool, going_on: bool = True) -> int:
        """Claim, prepare, hand over, settle what has finished; return how much was done."""
        worked = self.work(pool) if going_on else 0
        return worked + self.collect(pool, bool(worked))

    def work(self, pool: ExchangePool) -> int:
        """Begin new work; return with how many messages."""
        worked = 0
        self._let_go()
        # Nothing was there the last time: one look at an index spares the claims of all connectors,
        # unless somebody has called, who rarely does so for nothing.
        looks_first = self._found_nothing and not pool.woken
        self.is_quiet = looks_first and not something_ready(self.registry)
        if self.is_quiet:
            pass
        elif not self._suspected:
            worked += self._outbound(pool)
            worked += self._inbound(pool)
        elif not pool.busy and not self.unsettled:
            worked += self._run_suspect(pool)
        worked += self._stage()
        self._found_nothing = not worked and not pool.busy and not self.unsettled
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
            self.is_quiet = False  # what came just now may complete a batch
            return 0
        self._staged_at = now
        # A suspect is ready, so there is none if nothing is.
        self._suspected = not self.is_quiet and suspects_wait(self.registry, self.connectors)
        refreshed = refresh_windows(self.registry)
        staged = refreshed + retrying(lambda: stage(self.registry))
        staged += depart(self.registry, self.environment or "", self._gathering, self.connectors)
        if staged:
            self._inbound_glances.called()  # some of them may be inbound
            for floors in self._floors.values():
                floors.forget()  # and some older than what was found last
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
        if (turn := self._turns["out"].next(pool.free)) is None:
            return 0
        self._refilled_at = now
        wanted = replace(
            self._wanted("out", turn.slots, left),
            least=turn.least,
            most=turn.most,
            in_hand=pool.per_connector,
            # A partner that hangs never holds all slots of a lane, whatever its connector's limit.
            cap=self._cap,
            batches=self._batches,
            coalescing=self._coalescing,
        )
        claimed = self._claim(wanted, turn)
        if len(claimed) >= self._cap:
            self.on_backlog()
        self._send(pool, claimed)
        return len(claimed)

    def _inbound(self, pool: ExchangePool) -> int:
        if pool.woken:
            self._inbound_glances.called()
        if not self._inbound_glances.are_due():
            return 0
        pool.woken = False
        turn = self._turns["in"].next(INBOUND_SHARE) or Turn(INBOUND_SHARE)
        wanted = replace(self._wanted("in", turn.slots), least=turn.least, most=turn.most)
        claimed = self._claim(wanted, turn)
        self._apply(claimed)
        self._inbound_glances.looked(found=bool(claimed))
        return len(claimed)

    def _claim(self, wanted: Wanted, turn: Turn) -> list[Claimed]:
        """Claim what the turn is for; a turn of those behind that finds none is anybody's."""
        direction = wanted.direction
        # A turn that looks at a part only teaches nothing about where the next plain one begins.
        floors = None if turn.is_part else self._floors[direction]
        claimed = claim(self.registry, self.name, wanted, floors)
        self._turns[direction].took(turn, [message.priority for message in claimed])
        if not claimed and turn.is_special:
            return self._claim(replace(wanted, least=LEAST), Turn(turn.slots))
        return claimed

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
