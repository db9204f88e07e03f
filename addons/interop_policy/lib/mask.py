"""Masks: what may still be shown of a value that must not be seen.

A mask is total (any JSON scalar gives a text) and never lets the original through: if what a
pattern would show contains the original, everything is hidden.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HIDDEN = "***"
_ALSO_HIDDEN = "###"  # for the odd original that is itself made of asterisks

_SHORTEST_FOR_LAST4 = 8
_MOST_INITIALS = 4


@dataclass(frozen=True, slots=True)
class Mask:
    """A way of masking: its code, what people read, and the function from text to text."""

    code: str
    label: str
    show: Callable[[str], str]

    def __call__(self, value: Any) -> str:
        text = as_text(value)
        shown = self.show(text)
        return hide(text) if text in shown else shown


def as_text(value: Any) -> str:
    """A scalar as the text that must not be found in what is shown of it."""
    return value if type(value) is str else repr(value)


def hide(text: str) -> str:
    """What stands for a text of which nothing is shown."""
    return _ALSO_HIDDEN if text and text in HIDDEN else HIDDEN


def _last4(text: str) -> str:
    """The last four characters, of a text that is long enough to hide at least as many."""
    return HIDDEN + text[-4:] if len(text) >= _SHORTEST_FOR_LAST4 else hide(text)


def _initials(text: str) -> str:
    """First letters of a name's words. Words that do not start with a letter are left out."""
    names = [word for word in text.split() if word[0].isalpha()]
    if not any(len(word.strip(".")) > 1 for word in names):
        return hide(text)
    return " ".join(f"{word[0].upper()}." for word in names[:_MOST_INITIALS])


def _domain(text: str) -> str:
    """The domain of an e-mail address; anything else is hidden."""
    local, at, domain = text.partition("@")
    labels = domain.split(".")
    plain = all(label.replace("-", "").isalnum() for label in labels)
    return f"{HIDDEN}@{domain}" if local and at and plain and len(labels) > 1 else hide(text)


MASKS = {
    mask.code: mask
    for mask in (
        Mask("full", "Hide everything", hide),
        Mask("last4", "Last four characters", _last4),
        Mask("initials", "Initials of a name", _initials),
        Mask("domain", "Domain of an e-mail address", _domain),
    )
}
