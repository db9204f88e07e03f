"""Redacting: what detectors find in a free text is replaced by what kind of thing it was.

The detectors are registered by whoever brings them. Without any nothing can be found, so nothing of
a text is shown.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from odoo.addons.interop_base.lib.registry import Registry

from .mask import as_text, hide


class Sighting(Protocol):
    """Something found in a text: its kind, and where it begins and ends."""

    @property
    def kind(self) -> str: ...

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


Finder = Callable[[str], Iterable[Sighting]]

FINDERS: Registry[Finder] = Registry("detector")


def can_find() -> bool:
    return len(FINDERS) > 0


def redact(value: Any) -> Any:
    """A text with what was found in it replaced; what is not a text is shown if nothing is."""
    text = as_text(value)
    if not can_find():
        return hide(text)
    found = sorted(
        (sighting.start, sighting.end, sighting.kind)
        for _code, find in FINDERS
        for sighting in find(text)
    )
    if not found:
        return value
    if type(value) is not str:
        return hide(text)
    pieces: list[str] = []
    place = 0
    for start, end, kind in found:
        if start >= place:
            pieces += [text[place:start], f"[{kind}]"]
        # Where two overlap the whole of both is covered.
        place = max(place, end)
    shown = "".join([*pieces, text[place:]])
    return hide(text) if text in shown else shown
