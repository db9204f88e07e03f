"""What screening a document needs beside the policy and the document: keys, scope and the day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

# (label, data) -> keyed digest of the data. Another label gives another digest.
Mac = Callable[[str, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that a screened value may depend on besides itself.

    The same document, policy and context give the same outcome, but for what is encrypted.
    """

    mac: Mac | None = field(default=None, repr=False)
    partner: str = ""
    """Whom the tokens are for: two partners must not have the same text here."""
    company: int = 0
    purpose: str = ""
    today: date | None = None
    """The day on which ages are counted. Without it birth dates are hidden wholly."""


class Token(NamedTuple):
    """A value that was replaced. Its text form never holds the value."""

    path: str
    token: str | int
    clear: Any
    reversible: bool = False
    """To be turned back when the partner returns it: the caller keeps token and value."""

    def __repr__(self) -> str:
        return f"<Token of {self.path}>"
