"""Why something did not work, as types. The class of a failure decides what happens next.

Every error carries one ``sentence`` that may be shown to anybody: it says where and what kind of
problem, and what to do, but never a value from a document.
"""

from collections.abc import Iterable
from typing import ClassVar

#: code -> label. ``transient`` and ``throttled`` are tried again; all others need a person.
FAILURE_CLASSES: dict[str, str] = {
    "transient": "Temporary problem",
    "throttled": "Partner asked to slow down",
    "partner": "Refused by the partner",
    "data": "Problem in the data",
    "policy": "Held by a policy",
    "business": "Refused by Odoo",
    "uncertain": "Outcome unknown",
    "internal": "Fault in Interop",
}

#: Classes for which another automatic try can help.
RETRYABLE: frozenset[str] = frozenset({"transient", "throttled"})


class InteropError(Exception):
    """Base of all failures that an interface may meet. ``sentence`` is safe to show."""

    failure_class: str = "internal"
    default_sentence: ClassVar[str] = "Something went wrong inside Interop."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or self.default_sentence
        super().__init__(self.sentence)


class TransientError(InteropError):
    """A fault that is likely to pass by itself."""

    failure_class = "transient"
    default_sentence = "The partner could not be reached."


class ThrottledError(InteropError):
    """The partner asked to slow down. ``retry_after`` is in seconds, None if it did not say."""

    failure_class = "throttled"
    default_sentence = "The partner asked to slow down."

    def __init__(self, sentence: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class PartnerError(InteropError):
    """The partner answered, and its answer was no."""

    failure_class = "partner"
    default_sentence = "The partner refused the request."


class DataError(InteropError):
    """A document cannot be composed, decoded or validated. ``problems`` lists each of them."""

    failure_class = "data"
    default_sentence = "The document is not valid."

    def __init__(self, sentence: str | None = None, problems: Iterable[object] = ()) -> None:
        super().__init__(sentence)
        self.problems: list[object] = list(problems)


class PolicyError(InteropError):
    """A policy does not let this leave (or is itself not usable)."""

    failure_class = "policy"
    default_sentence = "A policy holds this document back."


class BusinessError(InteropError):
    """Odoo's own rules refused the change."""

    failure_class = "business"
    default_sentence = "Odoo refused the change."


class UncertainError(InteropError):
    """The request left and no answer came: it may or may not have been carried out."""

    failure_class = "uncertain"
    default_sentence = "The request was sent, but no answer came back."


class InternalError(InteropError):
    """A fault of our own."""

    failure_class = "internal"


class FenceClosed(InteropError):
    """This database may not talk to the outside now. Nothing was sent; it can be tried again."""

    failure_class = "transient"
    default_sentence = "The environment fence is closed."
