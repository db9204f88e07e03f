"""Brings acknowledgements to the buyer's inbound endpoint: later, signed, again when it fails."""

from __future__ import annotations

import heapq
import http.client
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from odoo.addons.interop_transport_http.lib.webhook import StandardWebhook

from .behaviours import Acknowledgement
from .journal import Journal

TRIES = 6
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
HANDS = 8


class Courier:
    """One thread keeps the appointments, a few make the calls. `{account}` in `callback` stands for
    the account of the buyer whose order it was."""

    def __init__(self, callback: str, signer: StandardWebhook | None, journal: Journal) -> None:
        self._callback = callback
        self._signer = signer
        self._journal = journal
        self._due: list[tuple[float, int, int, Acknowledgement]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._pool = ThreadPoolExecutor(HANDS, thread_name_prefix="courier")
        self._thread = threading.Thread(target=self._keep_appointments, daemon=True)
        self._thread.start()

    def post(self, acknowledgement: Acknowledgement) -> None:
        self._plan(acknowledgement, acknowledgement.delay, 1)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _plan(self, acknowledgement: Acknowledgement, delay: float, number: int) -> None:
        with self._changed:
            if not self._stopped:
                due = time.monotonic() + delay
                heapq.heappush(self._due, (due, next(self._order), number, acknowledgement))
                self._changed.notify()

    def _keep_appointments(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _due, _order, number, acknowledgement = heapq.heappop(self._due)
            self._pool.submit(self._deliver, acknowledgement, number)

    def _deliver(self, acknowledgement: Acknowledgement, number: int) -> None:
        started = time.monotonic()
        status, retry_after = self._call(acknowledgement)
        self._journal.note(
            "callback",
            key=acknowledgement.key,
            webhook_id=acknowledgement.webhook_id,
            status=status,
            bytes=len(acknowledgement.payload),
            ms=round((time.monotonic() - started) * 1000, 1),
            tries=number,
        )
        if (status == 0 or status == 429 or status >= 500) and number < TRIES:
            wait = max(FIRST_WAIT * 2 ** (number - 1), retry_after)
            self._plan(acknowledgement, min(wait, LONGEST_WAIT), number + 1)

    def _call(self, acknowledgement: Acknowledgement) -> tuple[int, float]:
        """POST once. Returns the status, 0 when there was no answer, and the wait asked for."""
        url = urlsplit(self._callback.replace("{account}", acknowledgement.account))
        secure = url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=15)
        headers = {"Content-Type": acknowledgement.content_type}
        if self._signer:  # a new timestamp for every try, or a late retry would look stale
            now = int(time.time())
            signed = self._signer.sign(acknowledgement.webhook_id, now, acknowledgement.payload)
            headers |= signed
        try:
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("POST", target, acknowledgement.payload, headers)
            answer = connection.getresponse()
            answer.read(65536)
            asked = answer.headers.get("Retry-After", "")
            return answer.status, float(asked) if asked.isdigit() else 0.0
        except (OSError, http.client.HTTPException):
            return 0, 0.0
        finally:
            connection.close()
