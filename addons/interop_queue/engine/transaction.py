"""The engine's own short transactions."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import (
    ISOLATION_LEVEL_READ_COMMITTED,
    ISOLATION_LEVEL_REPEATABLE_READ,
    TransactionRollbackError,
)

from odoo.modules.registry import Registry
from odoo.sql_db import Cursor, PoolError

from ..lib.arrays import array
from ..lib.statements import planned_once, statement

_logger = logging.getLogger(__name__)

T = TypeVar("T")

# What PostgreSQL asks to be tried again. Under REPEATABLE READ it is the normal end of a race.
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
# What a kept connection has planned no longer fits the tables (an upgrade), or is gone.
OUTDATED = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)


# A kept connection plans its statements once. A plan knows how large the tables were when it was
# made, and a queue may fill within minutes: so often, in seconds, plans are made anew.
REPLAN_EVERY = 10.0


@dataclass(slots=True)
class _Plans:
    """What a kept connection has planned."""

    names: set[str] = field(default_factory=set)
    made_at: float = 0.0


class _Kept(threading.local):
    """Connections that a lane's thread keeps between its transactions, by level of isolation."""

    registry: Registry | None = None
    cursors: dict[int, Cursor] = {}  # noqa: RUF012 - replaced, never changed, until a lane keeps some
    plans: dict[Cursor | None, _Plans] = {}  # noqa: RUF012 - as above
    busy: frozenset[int] = frozenset()


_kept = _Kept()


@contextmanager
def keeping(registry: Registry) -> Iterator[None]:
    """While inside, this thread's engine transactions share a connection per isolation level.

    Taking one from Odoo's pool and giving it back costs five round trips, which is more than many
    of these transactions do. Nested calls are fine; a lost connection is replaced by a new one.
    """
    if _kept.registry is registry:
        yield
        return
    keep(registry)
    try:
        yield
    finally:
        let_go()


def keep(registry: Registry) -> None:
    """As `keeping`, until `let_go`; for another registry than before, begin anew."""
    if _kept.registry is not registry:
        let_go()
        _kept.registry, _kept.cursors, _kept.plans = registry, {}, {}


def let_go() -> None:
    """Give back what this thread keeps (a new registry, the end of a lane)."""
    cursors, _kept.registry, _kept.cursors, _kept.plans = _kept.cursors, None, {}, {}
    for cr in cursors.values():
        with suppress(psycopg2.Error):
            cr.close()


@contextmanager
def _transaction(registry: Registry, level: int) -> Iterator[Cursor]:
    """One transaction: committed at the end, rolled back if something is raised."""
    if _kept.registry is not registry or level in _kept.busy:
        with registry.cursor() as cr:
            _prepare(cr, level)
            yield cr
        return
    cr = _kept.cursors.get(level)
    if cr is None or cr.closed:
        _kept.plans.pop(cr, None)
        cr = registry.cursor()
        _prepare(cr, level)
        _plan_once(cr, level)
        # What was set would be undone with the first transaction, if that failed.
        cr.commit()  # pylint: disable=invalid-commit
        _kept.cursors[level] = cr
    _kept.busy |= {level}
    cr.cache.clear()  # what was read once may be repeated within a transaction only
    try:
        yield cr
        # The engine's own transaction, never a caller's.
        cr.commit()  # pylint: disable=invalid-commit
    except BaseException as failure:
        try:
            if is_lost(failure) or isinstance(failure, OUTDATED):
                raise psycopg2.InterfaceError
            cr.rollback()
        except psycopg2.Error:
            # Of no more use: the next transaction takes a new one.
            _kept.cursors.pop(level, None)
            _kept.plans.pop(cr, None)
            with suppress(psycopg2.Error):
                cr.close()
        raise
    finally:
        _kept.busy -= {level}


def _prepare(cr: Cursor, level: int) -> None:
    cr.connection.set_isolation_level(level)  # takes effect with the next BEGIN: no round trip
    if level == ISOLATION_LEVEL_READ_COMMITTED:
        # It costs more than these statements take, whatever the planner's statistics say.
        cr.execute("SET jit = off")


def _plan_once(cr: Cursor, level: int) -> None:
    """From now on the statements that are worth it are planned once on this connection.

    Without it PostgreSQL takes ten times as long to plan a claim as to execute it. The plan is one
    for any values: none of these statements has a better one for some of them.
    """
    cr.execute("SET plan_cache_mode = force_generic_plan")
    if level == ISOLATION_LEVEL_READ_COMMITTED:
        # A plan that was made while the queue was empty must do for a full one. On this level there
        # are the engine's own statements, and indices for them; business code has the other one.
        cr.execute("SET enable_seqscan = off")
    _kept.plans[cr] = _Plans(made_at=time.monotonic())


def _text(cr: Cursor, name: str) -> str:
    """What to execute for the statement `name`, which is planned first if need be."""
    plans = _kept.plans.get(cr)
    planned = planned_once(name) if plans is not None else None
    if plans is None or planned is None:
        return statement(name)
    now = time.monotonic()
    if now - plans.made_at >= REPLAN_EVERY:
        cr.execute("DISCARD PLANS")
        plans.made_at = now
    if name not in plans.names:
        cr.execute(planned.prepare)
        plans.names.add(name)
    return planned.execute


def read_committed(registry: Registry) -> AbstractContextManager[Cursor]:
    """A transaction that sees what others commit while it waits for a lock.

    Claiming and settling decide on rows that other lanes change all the time: under Odoo's
    REPEATABLE READ every lost race would be an error instead of a wait.
    """
    return _transaction(registry, ISOLATION_LEVEL_READ_COMMITTED)


def repeatable_read(registry: Registry) -> AbstractContextManager[Cursor]:
    """A transaction as Odoo's business code expects it."""
    return _transaction(registry, ISOLATION_LEVEL_REPEATABLE_READ)


def is_lost(failure: BaseException) -> bool:
    """Whether the database itself is the problem: restarted, full, out of connections.

    Says nothing about a message. What PostgreSQL only asks to be tried again is something else.
    """
    if isinstance(failure, TransactionRollbackError):
        return False
    if type(failure) is psycopg2.DatabaseError:
        return True  # what libpq says of a connection that died under it has no class of its own
    return isinstance(failure, psycopg2.OperationalError | psycopg2.InterfaceError | PoolError)


def run(cr: Cursor, name: str, /, *, quiet: bool = False, **params: object) -> list[dict]:
    """Execute the queue's statement `name`; return its rows as dictionaries, if it has any.

    `quiet`: losing a race here is expected and dealt with, so it is no error for the log.
    """
    cr.execute(_text(cr, name), params, log_exceptions=not quiet)
    return cr.dictfetchall() if cr.description else []


def run_all(cr: Cursor, calls: Sequence[tuple[str, dict]]) -> None:
    """Execute several statements whose rows are not wanted, in one round trip."""
    if calls:
        texts = [cr.mogrify(_text(cr, name), params).decode() for name, params in calls]
        cr.execute(";\n".join(texts))


def retrying(action: Callable[[], T], tries: int = 5) -> T:
    """Call `action`, which opens its own transaction, again when PostgreSQL asks for it, or when
    what was planned on its connection is outdated: it is planned anew then."""
    for number in range(1, tries + 1):
        try:
            return action()
        except (*CONFLICTS, *OUTDATED) as conflict:
            if number == tries:
                raise
            _logger.debug("interop: try %s again after %s", number, type(conflict).__name__)
            time.sleep(random.uniform(0, 0.02 * 2**number))
    raise AssertionError("unreachable")


def columns(rows: list[dict], *names: str) -> dict[str, str]:
    """Turn rows into the arrays that the unnest statements take."""
    return {name: array([row.get(name) for row in rows]) for name in names}


_MESSAGE_COLUMNS = (
    "uuid", "flow_id", "connector_id", "company_id", "area_id", "direction", "document_type",
    "event", "priority", "delay", "chain", "business_key", "partner_id", "res_model", "res_id",
    "interchange_id", "position", "size", "resent_from_id", "held", "as_of_event",
)  # fmt: skip
_MESSAGE_DEFAULTS = {"priority": 100, "delay": 0.0, "position": 0, "size": 0}


def insert_messages(cr: Cursor, rows: list[dict]) -> list[int]:
    """Put rows into the queue; what a row does not name is empty. Returns their ids, in order."""
    full = [_MESSAGE_DEFAULTS | row for row in rows]
    return [row["id"] for row in run(cr, "insert_messages", **columns(full, *_MESSAGE_COLUMNS))]
