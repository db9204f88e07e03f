"""The exchange: a small pool of threads that move bytes and know nothing of Odoo.

Nothing but an :class:`Exchanged` comes out of it. A transport that raises something it should not
have is our bug and becomes an ``internal`` failure of that one message.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from odoo.addons.interop_base.lib.failures import InternalError, InteropError

from .work import Exchanged, Prepared

# Cron workers run under a limit on address space: sixteen default stacks of 8 MB each would count.
THREAD_STACK = 512 * 1024


def exchange(prepared: Prepared) -> Exchanged:
    """Send one payload. Never raises."""
    started = time.monotonic()
    reply = error = None
    try:
        reply = prepared.transport.send(prepared.endpoint, prepared.outgoing)
    except InteropError as failure:
        error = failure
    except Exception as bug:
        error = InternalError(
            f"The transport {prepared.transport.code} failed in an unexpected way "
            f"({type(bug).__name__}). Please report it to the integration's developers."
        )
    return Exchanged(prepared, reply, error, (time.monotonic() - started) * 1000)


class ExchangePool:
    """At most ``slots`` exchanges at once; finished ones are handed over as they finish."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        previous = threading.stack_size(THREAD_STACK)
        try:
            self._pool = ThreadPoolExecutor(slots, thread_name_prefix="interop-exchange")
        finally:
            threading.stack_size(previous)
        self._running: set[Future[Exchanged]] = set()

    @property
    def free(self) -> int:
        return self.slots - len(self._running)

    @property
    def busy(self) -> int:
        return len(self._running)

    def submit(self, prepared: Iterable[Prepared]) -> None:
        # The size of a thread's stack is taken when it starts, which is here.
        previous = threading.stack_size(THREAD_STACK)
        try:
            for item in prepared:
                self._running.add(self._pool.submit(exchange, item))
        finally:
            threading.stack_size(previous)

    def finished(self, timeout: float) -> list[Exchanged]:
        """Wait at most ``timeout`` seconds for the first to finish; return all that have."""
        if not self._running:
            return []
        done, self._running = wait(self._running, timeout, FIRST_COMPLETED)
        return [future.result() for future in done]

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def __enter__(self) -> ExchangePool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
