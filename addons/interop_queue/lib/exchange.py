"""The exchange: a pool of threads that move bytes and know nothing of Odoo.

Nothing but an :class:`Exchanged` comes out of it. A transport that raises something it should not
have is our bug and becomes an ``internal`` failure of that one message.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from queue import Empty, SimpleQueue

from odoo.addons.interop_base.lib.failures import InternalError, InteropError

from .work import Exchanged, Prepared

# Cron workers run under a limit on address space: sixteen default stacks of 8 MB each would count.
THREAD_STACK = 512 * 1024


class _Stirred:
    """What `stir` puts among the results."""


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
    """At most ``slots`` exchanges at once; finished ones are handed over as they finish.

    Two queues and no futures: handing an exchange over costs microseconds. Threads are started
    when they are needed and never outlive the pool's process: they are daemons, so that a partner
    that hangs cannot hold a worker that ends.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.busy = 0
        self.bytes = 0
        """Bytes of payload that are on their way."""
        self.messages = 0
        """Messages whose payloads are on their way."""
        self.woken = False
        """Somebody called `wake` since this was last set to False."""
        self.per_connector: Counter[int] = Counter()
        """Exchanges under way for each connector."""
        self._under_way: dict[int, tuple[float, Prepared]] = {}
        self._tasks: SimpleQueue[Prepared | None] = SimpleQueue()
        self._results: SimpleQueue[Exchanged | _Stirred | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    @property
    def free(self) -> int:
        return self.slots - self.busy

    def submit(self, prepared: Iterable[Prepared]) -> None:
        for item in prepared:
            self.busy += 1
            self.bytes += len(item.outgoing.payload)
            self.messages += len(item.messages)
            self.per_connector[item.messages[0].connector_id] += 1
            self._under_way[id(item)] = (time.monotonic(), item)
            if len(self._threads) < min(self.busy, self.slots):
                self._start_thread()
            self._tasks.put(item)

    def finished(self, timeout: float, linger: float = 0.0) -> list[Exchanged]:
        """Wait at most ``timeout`` seconds for the first to finish or for `wake`.

        Then, for ``linger`` seconds at most, for a quarter of the slots: settling eight at once
        costs little more than settling one.
        """
        found: list[Exchanged] = []
        enough = max(min(self.busy, self.slots // 4), 1)
        deadline = 0.0
        with suppress(Empty):
            result = self._results.get(timeout=timeout) if timeout else self._results.get_nowait()
            while True:
                if result is None:
                    self.woken, enough = True, 0
                elif isinstance(result, _Stirred):
                    enough = enough if found else 0
                else:
                    found.append(result)
                now = time.monotonic()
                deadline = deadline or now + linger
                if len(found) < enough and now < deadline:
                    result = self._results.get(timeout=deadline - now)
                else:
                    result = self._results.get_nowait()
        for item in found:
            self.busy -= 1
            self.bytes -= len(item.prepared.outgoing.payload)
            self.messages -= len(item.prepared.messages)
            self.per_connector[item.prepared.messages[0].connector_id] -= 1
            del self._under_way[id(item.prepared)]
        return found

    def oldest(self) -> tuple[float, Prepared] | None:
        """The exchange that has been under way longest, and since when (`time.monotonic`)."""
        return next(iter(self._under_way.values()), None)

    def wake(self) -> None:
        """End the present or the next wait of `finished`. May be called by any thread."""
        self._results.put(None)

    def stir(self) -> None:
        """As `wake`, if nothing has finished: there may be more to do, but nothing has come in."""
        self._results.put(_Stirred())

    def close(self) -> None:
        for _thread in self._threads:
            self._tasks.put(None)

    def _start_thread(self) -> None:
        # The size of a thread's stack is taken when it starts.
        previous = threading.stack_size(THREAD_STACK)
        try:
            thread = threading.Thread(target=self._work, name="interop-exchange", daemon=True)
            thread.start()
        finally:
            threading.stack_size(previous)
        self._threads.append(thread)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._results.put(exchange(task))
            del task  # a big payload is not kept until the next one comes

    def __enter__(self) -> ExchangePool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
