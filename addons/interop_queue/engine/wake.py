"""Waking lanes at the lowest cost.

`ir.cron._trigger()` costs 11 ms inside the user's commit, because its notification opens a
connection. Here: one raw row per transaction and one notification after the commit, over a
connection that each process keeps. Losing a notification loses nothing: the cron's own poll finds
the trigger.
"""

from __future__ import annotations

import logging
import os
import threading
import time

import psycopg2

from odoo import sql_db
from odoo.api import Environment

from ..lib.statements import statement

_logger = logging.getLogger(__name__)

_lock = threading.Lock()
_connection: list = []  # [pid, cursor]: a fork must not share its parent's connection
_timers: dict[str, tuple[float, threading.Timer]] = {}  # the earliest alarm per database

_REQUESTED = "interop_queue.wake"


def wake_after_commit(env: Environment) -> None:
    """Ask for one wake-up when this transaction commits, however often this is called in it."""
    cr = env.cr
    database = cr.dbname
    # The two are told apart: a savepoint that flushes inserts its trigger, and may take it back
    # with it when it fails; a later request must then insert its own.
    if not cr.precommit.data.get(_REQUESTED):
        cr.precommit.data[_REQUESTED] = True

        @cr.precommit.add
        def insert_trigger() -> None:
            cr.precommit.data.pop(_REQUESTED, None)
            cr.execute(statement("wake_first_lane"))

    if not cr.postcommit.data.get(_REQUESTED):
        cr.postcommit.data[_REQUESTED] = True

        @cr.postcommit.add
        def tell() -> None:
            notify(database)


def notify(database: str) -> None:
    """Tell the cron workers of all hosts to look at `database` now. Never raises."""
    with _lock:
        for _attempt in (1, 2):
            try:
                _cursor().execute("SELECT pg_notify('cron_trigger', %s)", (database,))
                return
            except psycopg2.Error:
                # The connection died (restart of PostgreSQL): once more with a new one.
                _connection.clear()
        _logger.info("interop: no wake-up could be sent; the cron's own poll will find the work")


def notify_in(database: str, seconds: float) -> None:
    """Notify later, once: for a retry that is due before the cron would poll again."""
    with _lock:
        due = time.monotonic() + seconds
        previous = _timers.get(database)
        if previous and previous[1].is_alive():
            if previous[0] <= due:
                return
            previous[1].cancel()
        timer = threading.Timer(seconds, notify, [database])
        timer.daemon = True
        _timers[database] = (due, timer)
        timer.start()


def _cursor():
    if not _connection or _connection[0] != os.getpid():
        _, info = sql_db.connection_info_for("postgres")
        connection = psycopg2.connect(**info)
        connection.autocommit = True
        cursor = connection.cursor()
        # A notification takes a transaction number, so its commit would wait for the disk: as long
        # as the business transaction's own. There is nothing in it to lose.
        cursor.execute("SET synchronous_commit = off")
        _connection[:] = [os.getpid(), cursor, connection]
    return _connection[1]
