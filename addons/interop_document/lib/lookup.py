"""The contract between mappings and code crosswalks: who translates a code, and how it is asked.

A mapping is pure: it knows crosswalks by name only. What they hold is looked up by whoever runs the
mapping, for the company and the day of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from odoo.addons.interop_base.lib.failures import DataError

#: Our code to the partner's, and back.
OUT, IN = "out", "in"


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A code that a crosswalk does not know."""

    crosswalk: str
    way: str
    """`out` or `in`."""
    code: str = field(repr=False)
    path: str = ""
    """Where in the document it stands."""
    folded: str = field(default="", repr=False)
    """What all spellings of the code have in common under the crosswalk's rules."""
    stamp: str = ""
    """State and day of the crosswalk that did not know it: looking again there is of no use."""
    withheld: str = ""
    """Why the code must not be kept in the clear; empty if it may be."""


class UnmappedCodes(DataError):
    """A document holds codes that are not mapped yet; all of them, so that people fix them once.

    The sentence names crosswalks and paths. The codes are in `missing` only.
    """

    def __init__(self, sentence: str, missing: Sequence[Unmapped]) -> None:
        super().__init__(sentence)
        self.missing = tuple(missing)


class Lookup(Protocol):
    """Translates codes for one company; cheap to call, safe for any thread that has its own."""

    def __call__(
        self, crosswalk: str, code: str, way: str = OUT, on: date | None = None
    ) -> str | None:
        """The other side's code as of that day (none: today), or None if it is not mapped.

        The crosswalk's own rules (a default, passing unknown codes through) are applied already.
        Raises `DataError` if there is no such crosswalk.
        """
        ...

    def noted(self, missing: Unmapped) -> Unmapped:
        """With what only the crosswalk can tell of a code that it did not know."""
        ...


class NoLookup:
    """For mappings that use no crosswalk, and where there is none to ask."""

    def __call__(
        self, crosswalk: str, code: str, way: str = OUT, on: date | None = None
    ) -> str | None:
        raise DataError(f"Crosswalk {crosswalk} is not at hand here.")

    def noted(self, missing: Unmapped) -> Unmapped:
        return missing


NO_LOOKUP = NoLookup()
