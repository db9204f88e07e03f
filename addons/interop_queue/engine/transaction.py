"""The engine's own short transactions."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import TransactionRollbackError

from odoo.modules.registry import Registry
from odoo.sql_db import Cursor, PoolError

from ..lib.statements import statement

_logger = logging.getLogger(__name__)

T = TypeVar("T")

# What PostgreSQL asks to be tried again. Under REPEATABLE READ it is the normal end of a race.
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)


@contextmanager
def read_committed(registry: Registry) -> Iterator[Cursor]:
    """A transaction that sees what others commit while it waits for a lock.

    Claiming and settling decide on rows that other lanes change all the time: under Odoo's
    REPEATABLE READ every lost race would be an error instead of a wait. jit off: it costs more
    than these statements take.
    """
    with registry.cursor() as cr:
        cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cr.execute("SET LOCAL jit = off")
        yield cr



def is_lost(failure: BaseException) -> bool:
    """Whether the database itself is the problem: restarted, full, out of connections.

    Says nothing about a message. What PostgreSQL only asks to be tried again is something else.
    """
    if isinstance(failure, TransactionRollbackError):
        return False
    return isinstance(failure, psycopg2.OperationalError | psycopg2.InterfaceError | PoolError)


def run(cr: Cursor, name: str, *, quiet: bool = False, **params: object) -> list[dict]:
    """Execute the queue's statement `name`; return its rows as dictionaries, if it has any.

    `quiet`: losing a race here is expected and dealt with, so it is no error for the log.
    """
    cr.execute(statement(name), params, log_exceptions=not quiet)
    return cr.dictfetchall() if cr.description else []


def retrying(action: Callable[[], T], tries: int = 5) -> T:
    """Call `action`, which opens its own transaction, again when PostgreSQL asks for it."""
    for number in range(1, tries + 1):
        try:
            return action()
        except CONFLICTS as conflict:
            if number == tries:
                raise
            _logger.debug("interop: try %s again after %s", number, type(conflict).__name__)
            time.sleep(random.uniform(0, 0.02 * 2**number))
    raise AssertionError("unreachable")


def columns(rows: list[dict], *names: str) -> dict[str, list]:
    """Turn rows into the arrays that the unnest statements take."""
    return {name: [row.get(name) for row in rows] for name in names}


_MESSAGE_COLUMNS = (
    "uuid", "flow_id", "connector_id", "company_id", "area_id", "direction", "document_type",
    "event", "priority", "delay", "chain", "business_key", "partner_id", "res_model", "res_id",
    "interchange_id", "position", "size", "resent_from_id",
)  # fmt: skip
_MESSAGE_DEFAULTS = {"priority": 100, "delay": 0.0, "position": 0, "size": 0}


def insert_messages(cr: Cursor, rows: list[dict]) -> list[int]:
    """Put rows into the queue; what a row does not name is empty. Returns their ids, in order."""
    full = [_MESSAGE_DEFAULTS | row for row in rows]
    return [row["id"] for row in run(cr, "insert_messages", **columns(full, *_MESSAGE_COLUMNS))]
