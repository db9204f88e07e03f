"""The kinds of things that a look at a text can find: a registry that detectors fill.

A detector has two halves. `scout` runs over all texts of a document at once and must be quick; it
tells where a closer look is needed, rather too often than too seldom. `find` takes that look at one
text. Both get folded texts (`folding.fold`) and are linear in their length, whatever is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from odoo.addons.interop_base.lib.registry import Registry

from .names import NO_NAMES, Names
from .templates import Template

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something found in a text: its kind, and where it begins and ends. Never the value."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hints:
    """What a look knows beside the text."""

    bare: bool = True
    """Numbers that nothing but their digits speaks for count too (nine digits are an SSN)."""
    regions: tuple[str, ...] = ("US",)
    """ISO 3166-1 codes of the countries whose national telephone numbers are looked for."""
    templates: tuple[Template, ...] = field(default=(), repr=False)
    names: Names = field(default=NO_NAMES, repr=False)


Scout = Callable[[str, Hints], Iterable[int]]
Find = Callable[[str, Hints], Iterable[Span]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its code, what people read, and the detector's two halves."""

    code: str
    label: str
    mark: str
    """What stands in the place of a masked one, in brackets."""
    scout: Scout = field(repr=False)
    find: Find = field(repr=False)


KINDS: Registry[Kind] = Registry("kind of sighting")

CROWDED = "crowded"
"""The kind of a text that cannot be looked through, because it is full of numbers."""


class CrowdedError(ValueError):
    """A text has more numbers than anybody writes; it counts as found as a whole."""


def register(kind: Kind) -> Kind:
    return KINDS.register(kind.code, kind)


def label_of(code: str) -> str:
    return KINDS.get(code).label if code in KINDS else "Too many numbers to look through"


def mark_of(code: str) -> str:
    return f"[{KINDS.get(code).mark}]" if code in KINDS else "[NUMBERS]"
