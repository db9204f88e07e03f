"""Settling beside a lane's other work: one round at a time, in a thread of its own.

While PostgreSQL writes what became of one round, the lane claims and prepares the next. Each round
is one transaction as before, and nothing of the next is written before it has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from odoo.modules.registry import Registry

from ..lib.outcome import Outcome
from ..lib.work import Verdict
from .transaction import keep, let_go


class Settler:
    """The thread, and the round that it has in its hands."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._future: Future[list[Outcome]] | None = None
        self._round: list[Verdict] = []

    @property
    def waiting(self) -> int:
        """Outcomes that are being written, or of which nobody has asked yet what became of them."""
        return len(self._round)

    @property
    def is_done(self) -> bool:
        return self._future is None or self._future.done()

    def begin(
        self,
        registry: Registry,
        verdicts: list[Verdict],
        settle: Callable[[list[Verdict]], list[Outcome]],
        stir: Callable[[], None],
    ) -> None:
        """Write `verdicts`; call `stir` when that has ended. The round before must be ended."""
        assert self._future is None

        def work() -> list[Outcome]:
            try:
                keep(registry)
                return settle(verdicts)
            finally:
                stir()

        self._round = verdicts
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "interop-settle")
        self._future = self._thread.submit(work)

    def end(self) -> tuple[list[Outcome], list[Verdict], Exception | None]:
        """Wait for the round: its outcomes, or what could not be written and why."""
        future, verdicts = self._future, self._round
        self._future, self._round = None, []
        if future is None:
            return [], [], None
        try:
            return future.result(), [], None
        except Exception as failure:
            return [], verdicts, failure

    def close(self) -> None:
        """End the thread and give back its connection; the next round begins another one."""
        if self._thread is not None:
            self._thread.submit(let_go)
            self._thread.shutdown(wait=True)
            self._thread = None
