"""Hears of new work: what wakes Odoo's cron workers wakes dedicated workers too."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Callable

import psycopg2

from odoo import sql_db

_logger = logging.getLogger(__name__)

_RETRY = 1.0
_TICK = 1.0


class Listener:
    """A thread with a connection of its own; calls `heard` for each notification of `database`.

    The channel is Odoo's own (odoo/service/server.py), in the database `postgres`. Losing a
    notification loses nothing but time: the worker looks by itself every second.
    """

    def __init__(self, database: str, heard: Callable[[], None]) -> None:
        self._database = database
        self._heard = heard
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, patience: float = 5.0) -> None:
        """Start listening, once; returns when it listens (or after `patience` seconds)."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="interop-listen", daemon=True)
            self._thread.start()
            self._listening.wait(patience)

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (psycopg2.Error, OSError):
                time.sleep(_RETRY)

    def _listen(self) -> None:
        _, info = sql_db.connection_info_for("postgres")
        connection = psycopg2.connect(**info)
        try:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute("LISTEN cron_trigger")
            self._listening.set()
            self._heard()  # what came while nobody listened
            while not self._stopping.is_set():
                if not select.select([connection], [], [], _TICK)[0]:
                    continue
                connection.poll()
                if any(notice.payload == self._database for notice in connection.notifies):
                    self._heard()
                connection.notifies.clear()
        finally:
            connection.close()
