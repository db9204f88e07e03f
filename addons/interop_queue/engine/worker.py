"""A dedicated worker: one lane in a process of its own that listens instead of being woken by cron.

What it must survive: a database that restarts, a registry that changes, modules that are being
upgraded, a fence that closes. It waits and says so; nothing is lost meanwhile, because what it had
claimed comes back when its lease ends.
"""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from ..lib.exchange import ExchangePool
from . import maintenance
from .lane import Lane
from .listener import Listener
from .presence import Presence
from .settler import Settler
from .transaction import is_lost, keep, let_go, read_committed, run

_logger = logging.getLogger(__name__)

# Exchanges under way get so long to finish when the worker is asked to end.
GRACE = 20.0
# How often it looks at what changes rarely: registry, module upgrades, fence, settings.
LOOK_AROUND = 1.0
REAP_EVERY = 10.0
RECOUNT_EVERY = 300.0
# A message that becomes due wakes nobody: the longest time it may be overlooked.
IDLE_POLL = 1.0
# With nothing ready it asks when the next one is due; so often it looks around all the same.
QUIET_POLL = 3.0
SHORTEST_POLL = 0.1
# Pauses between tries to reach the database again.
RECONNECT = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Settings:
    database: str
    name: str = "worker"
    slots: int = 32
    connectors: tuple[str, ...] = ()
    """Codes; empty: all."""
    once: bool = False


class Worker:
    """Turns one lane until it is told to stop."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = lambda text: None) -> None:
        self.settings = settings
        self.say = say
        self.stopping = False
        self.lane: Lane | None = None
        self.pool = ExchangePool(settings.slots)
        self.settler = Settler()
        self.listener = Listener(settings.database, self.pool.wake)
        self._looked_at = self._reaped_at = self._recounted_at = 0.0
        self._pause = ""
        self._failures = 0
        self._presence: Presence | None = None

    def run(self) -> int:
        """Work until a signal or, with `once`, until nothing is left; the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self.stopping:
            try:
                if self._turn() and self.settings.once:
                    break
                self._failures = 0
            except Exception as failure:
                self._stumbled(failure)
        self._finish()
        return 0

    def _stop(self, number: int, _frame: object) -> None:
        self.stopping = True
        self.pool.wake()

    # -- one turn ------------------------------------------------------------------------------

    def _turn(self) -> bool:
        """One turn of the lane; returns whether nothing is left to do."""
        if self.lane is None:
            self.lane = self._make_lane()
        lane = self.lane
        keep(lane.registry)
        if not self._pause:
            worked = lane.work(self.pool)
        else:
            worked = 0
            lane.presence.beat(lane.registry, self.pool, lane.report.handled, self._pause)
        if lane.report.reason:
            self._pause = lane.report.reason
        # After the work and before the wait, so that what has just come never waits for it.
        self._keep_house(lane)
        done = lane.collect(self.pool, bool(worked), patience=self._patience(lane, worked))
        under_way = self.pool.busy or lane.being_settled
        return not (worked or done or under_way or self._work_waits())

    def _patience(self, lane: Lane, worked: int) -> float:
        """How long to wait for what nobody calls for: a gate that opens, or whatever else."""
        if worked or self._pause or self.pool.busy or lane.being_settled:
            return IDLE_POLL  # or until an exchange or the settling ends
        if lane.is_quiet:
            seconds = maintenance.seconds_to_next(lane.registry)
            return QUIET_POLL if seconds is None else min(max(seconds, SHORTEST_POLL), QUIET_POLL)
        seconds = lane.seconds_to_gate()
        return IDLE_POLL if seconds is None else min(seconds, IDLE_POLL)

    def _keep_house(self, lane: Lane) -> None:
        now = time.monotonic()
        if now - self._looked_at >= LOOK_AROUND:
            self._looked_at = now
            self._look_around(lane)
        if self._pause:
            return
        if now - self._reaped_at >= min(REAP_EVERY, lane.lease):
            self._reaped_at = now
            maintenance.reap(lane.registry)
            maintenance.release_forgotten(lane.registry)
            maintenance.end_drains(lane.registry)
        if now - self._recounted_at >= RECOUNT_EVERY:
            self._recounted_at = now
            maintenance.recount(lane.registry)

    def _make_lane(self) -> Lane:
        settings = self.settings
        registry = Registry(settings.database).check_signaling()
        lane = Lane(registry, settings.name, settings.slots)
        lane.goes_on = lambda: not self.stopping
        lane.settler = self.settler
        self._look_around(lane)
        lane.presence = self._presence = self._presence or Presence.of_worker(
            registry, settings.name, lane.host, lane.pid, settings.slots
        )
        lane.presence.began(registry)
        self.listener.start()
        self.say(f"interop worker {settings.name} is ready")
        return lane

    def _look_around(self, lane: Lane) -> None:
        """Follow what changes around the worker; find out whether it may go on."""
        before = self._pause
        with read_committed(lane.registry) as cr:
            [row] = run(cr, "modules_changing")
        if row["changing"]:
            self._pause = "Modules are being installed, upgraded or removed."
        else:
            lane.registry = lane.registry.check_signaling()
            lane.connectors = self._connector_ids(lane.registry)
            lane.open()
            self._pause = lane.report.reason
        if self._pause != before:
            _logger.info("interop: worker %s %s", lane.name, self._pause or "goes on")

    def _connector_ids(self, registry: Registry) -> tuple[int, ...] | None:
        if not self.settings.connectors:
            return None
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            found = env["interop.connector"].search([("code", "in", self.settings.connectors)])
            missing = set(self.settings.connectors) - set(found.mapped("code"))
        if missing:
            _logger.warning("interop: there is no connector %s", ", ".join(sorted(missing)))
        return tuple(found.ids)

    def _work_waits(self) -> bool:
        # Behind a closed fence what is due waits for people, and not for this worker.
        if not self.settings.once or self.lane is None or self._pause:
            return False
        registry = self.lane.registry
        waits = (maintenance.seconds_to_next(registry), self.lane.seconds_to_gate())
        return any(seconds is not None and seconds < IDLE_POLL for seconds in waits)

    # -- ends ----------------------------------------------------------------------------------

    def _stumbled(self, failure: Exception) -> None:
        """Wait a little, then go on: the database went away, or the loop itself has a fault.

        Exchanges under way go on meanwhile, and their outcomes are kept.
        """
        pause = RECONNECT[min(self._failures, len(RECONNECT) - 1)]
        if not self._failures:
            # Type only: the text of a database error may carry values.
            _logger.warning(
                "interop: worker %s %s (%s); it tries again",
                self.settings.name,
                "lost its database" if is_lost(failure) else "met a fault",
                type(failure).__name__,
                exc_info=not isinstance(failure, psycopg2.Error),
            )
        self._failures += 1
        self._looked_at = 0.0
        until = time.monotonic() + pause
        while not self.stopping and time.monotonic() < until:
            time.sleep(0.05)

    def _finish(self) -> None:
        """Settle what finishes within the grace; the leases of the rest run out by themselves."""
        deadline = time.monotonic() + GRACE
        lane = self.lane
        while lane and (self.pool.busy or lane.unsettled) and time.monotonic() < deadline:
            try:
                lane.collect(self.pool, worked=False, patience=0.1)
            except Exception as failure:
                if not is_lost(failure):
                    raise
                time.sleep(0.2)
        if self.pool.busy:
            _logger.warning(
                "interop: worker %s ends with %s exchange(s) under way; their messages come back "
                "when their leases end",
                self.settings.name,
                self.pool.busy,
            )
        if lane and lane.presence:
            with suppress(psycopg2.Error):
                lane.presence.ended(lane.registry, lane.report.handled, lane.report.reason)
        let_go()
        self.settler.close()
        self.listener.stop()
        self.pool.close()
        if lane:
            self._seal_last(lane.registry)

    def _seal_last(self, registry: Registry) -> None:
        """What this worker did in its last minute is sealed, if the database can be reached."""
        with suppress(psycopg2.Error), registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["interop.audit.sealer"]._seal_last()
