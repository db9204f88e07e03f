"""Where a row puts its value: `Header.OrderNo`, `Lines[].Sku`, `Head."Order.No"`."""

from __future__ import annotations

import re

from odoo.addons.interop_base.lib.failures import DataError

LONGEST = 300
DEEPEST = 30

# A name in quotes may hold anything but a quote; others no dots, brackets, quotes or blanks.
_STEP = re.compile(r'(?:"([^"]{1,100})"|([^."\[\]\s]{1,100}))((?:\[\])?)(?:\.|$)')


class PathError(DataError):
    """A target path that cannot be used."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


def parse_target(text: str) -> tuple[tuple[str, bool], ...]:
    """The steps of a target path: (name, whether it is a list). Raises `PathError`.

    >>> parse_target('Lines[]."Order.No"')
    (('Lines', True), ('Order.No', False))
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise PathError(f"A target path has 1 to {LONGEST} characters.")
    steps: list[tuple[str, bool]] = []
    place = 0
    while place < len(text):
        found = _STEP.match(text, place)
        if found is None:
            raise PathError("The target path cannot be read: names with dots between them.")
        steps.append((found[1] or found[2], bool(found[3])))
        place = found.end()
    if text.endswith(".") or len(steps) > DEEPEST:
        raise PathError("The target path cannot be read: names with dots between them.")
    return tuple(steps)


def write_target(steps: tuple[tuple[str, bool], ...]) -> str:
    """The other way round.

    >>> write_target((("Lines", True), ("Order.No", False)))
    'Lines[]."Order.No"'
    """
    return ".".join(
        (name if re.fullmatch(r'[^."\[\]\s]+', name) else f'"{name}"') + ("[]" if many else "")
        for name, many in steps
    )
