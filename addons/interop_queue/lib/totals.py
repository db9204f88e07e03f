"""Control totals of a batch: sums of chosen numbers, by currency or unit of measure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

Totals = dict[str, dict[str, str]]
"""Path → currency or unit → sum. It is empty for what has neither."""

# What a number is a number of, where it stands beside it: nobody adds up boxes and pieces.
UNITS = ("currency", "uom")

# What points to a person, or is a secret, is not added up beside the batch in the clear.
AT_MOST = Sensitivity.confidential


def parse_paths(text: str) -> tuple[str, ...]:
    """Paths as people write them.

    >>> parse_paths("totals.net.amount, lines[].quantity")
    ('totals.net.amount', 'lines[].quantity')
    """
    return tuple(dict.fromkeys(word for word in re.split(r"[\s,;]+", text.strip()) if word))


def unusable(paths: Sequence[str], schema: Mapping[str, Any]) -> list[str]:
    """Those of `paths` that are no number of the document, or one that must not be told: it, or
    what it would be told by, points to a person or is a secret."""
    leaves = {field.path: field for field in walk_fields(schema) if field.is_leaf}
    open_ = {path for path, field in leaves.items() if field.sensitivity <= AT_MOST}
    numbers = {path for path in open_ if leaves[path].type in ("number", "integer")}
    closed = leaves.keys() - open_
    return [path for path in paths if path not in numbers or not closed.isdisjoint(_units_of(path))]


def _units_of(path: str) -> Iterator[str]:
    """Where the unit of the number at `path` may stand."""
    steps = path.split(".")
    for depth in range(len(steps)):
        for name in UNITS if depth == len(steps) - 1 else UNITS[:1]:
            unit = ".".join([*steps[:depth], name])
            yield from (unit, f"{unit}.name", f"{unit}.code")


class ControlTotals:
    """Adds up the numbers at `paths` of documents that `schema` describes.

    What of `paths` is unusable has no sum, whoever asked for it: the check when a flow is set up
    is a help, this is the guard.

    >>> number, text = {"type": "number"}, {"type": "string"}
    >>> fields = {"currency": text, "net": number}
    >>> schema = {"type": "object", "x-sensitivity": "internal", "properties": fields}
    >>> net = ControlTotals(["net"], schema)
    >>> net.of([{"currency": "EUR", "net": 0.1}, {"currency": "EUR", "net": 0.2}])
    {'net': {'EUR': '0.3'}}
    """

    def __init__(self, paths: Sequence[str], schema: Mapping[str, Any]) -> None:
        refused = frozenset(unusable(paths, schema)) if paths else frozenset[str]()
        self._paths = [path for path in paths if path not in refused]
        self._known = {field.path for field in walk_fields(schema)} if self._paths else set[str]()

    def of(self, bodies: Sequence[Mapping[str, Any]]) -> Totals:
        """The sums over all `bodies`, exact to the last digit.

        Numbers that stand for different things are added up apart: by the currency or the unit of
        measure beside them, else by the currency of the nearest object around them that has one.
        """
        found: Totals = {}
        for path in self._paths:
            sums: dict[str, Decimal] = {}
            for body in bodies:
                for unit, value in self._numbers(body, path.split("."), "", ""):
                    sums[unit] = sums.get(unit, Decimal()) + value
            found[path] = {unit: f"{sums[unit]:f}" for unit in sorted(sums)}
        return found

    def _numbers(
        self, value: Any, steps: Sequence[str], at: str, unit: str
    ) -> Iterator[tuple[str, Decimal]]:
        """`at`: the path of `value`, with a dot at its end unless it is the document."""
        if isinstance(value, Mapping):
            if not steps:
                return
            inner = value.get(steps[0].removesuffix("[]"))
            for name in UNITS if len(steps) == 1 else UNITS[:1]:
                if called := self._called(value.get(name), f"{at}{name}"):
                    unit = called
                    break
            inner = inner if steps[0].endswith("[]") else [inner]
            for each in inner if isinstance(inner, list) else ():
                yield from self._numbers(each, steps[1:], f"{at}{steps[0]}.", unit)
        elif not steps and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            # As it is written in the document, not as the processor rounds it.
            yield unit, Decimal(str(value))

    def _called(self, unit: Any, path: str) -> str:
        """The unit as it is told, if the document type knows it: what it does not know has no
        sensitivity. It may have a name, which tells more than its code: not every box is alike."""
        if not isinstance(unit, Mapping):
            return unit if isinstance(unit, str) and path in self._known else ""
        names = (self._called(unit.get(name), f"{path}.{name}") for name in ("name", "code"))
        return next(filter(None, names), "")
