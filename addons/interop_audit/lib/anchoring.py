"""Places outside the database that are told of every seal, by code.

Where they write is said by the server's own configuration and never by the database: who
administrates Odoo must not choose files on the server, nor where the evidence goes.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from odoo.addons.interop_base.lib.registry import Registry

T = TypeVar("T")

#: A place that does not answer within this many seconds counts as failing.
PATIENCE: Final = 20.0


class AnchorError(Exception):
    """The place did not take the lines. ``sentence`` says why and may be shown to anybody."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Line:
    """A seal on its way out: its number, the instance it belongs to, and `anchor.line`."""

    number: int
    instance: str
    text: str


class AnchorTarget(Protocol):
    """One kind of place. All methods may block and are called without a transaction."""

    @property
    def code(self) -> str: ...

    @property
    def label(self) -> str: ...

    def append(self, place: str, lines: Sequence[Line]) -> None:
        """Put the lines there for good, in order; raises `AnchorError`.

        After an error some of them may be there: they are written again, so that each is there at
        least once.
        """

    def tail(self, place: str, instance: str, count: int) -> list[str] | None:
        """The last ``count`` lines that are there, oldest first; None if they cannot be read back.

        Raises `AnchorError`.
        """


TARGETS: Registry[AnchorTarget] = Registry("anchor target")


class Deadline:
    """Runs what may hang (a mounted folder whose server is away) without hanging itself.

    Python cannot end a thread. One that hangs is left behind, and while it does nothing else is
    tried at its place, so that there is never more than one.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._hanging: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def run(self, place: str, action: Callable[[], T]) -> T:
        """What ``action`` returns or raises; `AnchorError` if it takes too long."""
        with self._lock:
            before = self._hanging.get(place)
            if before is not None and before.is_alive():
                raise AnchorError("The place still does not answer.")
            results: list[T] = []
            failures: list[BaseException] = []
            thread = threading.Thread(
                target=_collect, args=(action, results, failures), daemon=True, name="anchor"
            )
            self._hanging[place] = thread
            thread.start()
        thread.join(self.patience)
        if thread.is_alive():
            raise AnchorError(f"The place did not answer within {self.patience:g} seconds.")
        if failures:
            raise failures[0]
        return results[0]


def _collect(action: Callable[[], T], results: list[T], failures: list[BaseException]) -> None:
    try:
        results.append(action())
    except Exception as failure:  # handed to the one who waits
        failures.append(failure)


DEADLINE: Final = Deadline()
