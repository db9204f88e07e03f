"""Direct mode: the caller waits, bounded, for the partner's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from odoo.addons.interop_base.lib.failures import InternalError

#: What `interop.message.held` says of a message whose caller waits, or waited in vain.
HELD: Final = "direct"

SECONDS: Final = 10
AT_MOST: Final = 4
#: Nobody waits longer, whatever a flow, an endpoint or a caller says.
SECONDS_MOST: Final = 30
AT_MOST_MOST: Final = 100

DONE: Final = "done"
REFUSED: Final = "refused"
UNCERTAIN: Final = "uncertain"
THROTTLED: Final = "throttled"

STATUSES: Final = (
    (DONE, "Done"),
    (REFUSED, "Refused by the partner"),
    (UNCERTAIN, "Outcome unknown"),
    (THROTTLED, "Not asked: try later"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a direct call ended.

    `done`: the partner accepted. `refused`: it said no. `uncertain`: the request left and nobody
    knows what became of it; never take this for a success, and never for a failure. `throttled`:
    nothing was asked, or the partner wants to be asked later.
    """

    status: str
    sentence: str = ""
    """Safe to show to anybody; empty if all went well."""
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    """The answer's document, if the flow names a type for it and the partner accepted."""
    message: str | None = None
    """The message's id: under it all evidence is found. None: nothing was asked."""
    http_status: int | None = None
    retry_after: float | None = None
    """Seconds after which to ask again, if that is known."""
    seconds: float = 0.0
    """How long it took."""

    @property
    def is_done(self) -> bool:
        return self.status == DONE


class PendingWrites(InternalError):
    """The caller has written in its transaction: what it asks about may be rolled back later."""

    default_sentence = (
        "A direct call needs a transaction that has written nothing: the partner would act on what "
        "may be undone afterwards. Ask first and write then, or commit before you ask."
    )


def bounded(*seconds: float | None) -> float:
    """The shortest of these times, None and 0 left out.

    >>> bounded(12.0, None, 20), bounded(None, 90), bounded(0.5, 10)
    (12.0, 30.0, 0.5)
    """
    return float(min([SECONDS_MOST, *(each for each in seconds if each)]))
