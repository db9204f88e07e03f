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
    """Those of `paths` that are no number of the document, or one that must not be told."""
    numbers = {
        field.path
        for field in walk_fields(schema)
        if field.is_leaf and field.sensitivity <= AT_MOST and field.type in ("number", "integer")
    }
    return [path for path in paths if path not in numbers]


def totals(bodies: Sequence[Mapping[str, Any]], paths: Sequence[str]) -> Totals:
    """The sums over all `bodies`, exact to the last digit.

    Numbers that stand for different things are added up apart: by the currency or the unit of
    measure beside them, else by the currency of the nearest object around them that has one.

    >>> orders = [{"currency": "EUR", "net": 0.1}, {"currency": "EUR", "net": 0.2}]
    >>> totals(orders, ["net"])
    {'net': {'EUR': '0.3'}}
    >>> order = {"currency": "EUR", "lines": [{"quantity": 4, "uom": {"name": "Box"}}]}
    >>> totals([order], ["lines[].quantity"])
    {'lines[].quantity': {'Box': '4'}}
    """
    found: Totals = {}
    for path in paths:
        sums: dict[str, Decimal] = {}
        for body in bodies:
            for unit, value in _numbers(body, path.split("."), ""):
                sums[unit] = sums.get(unit, Decimal()) + value
        found[path] = {unit: f"{sums[unit]:f}" for unit in sorted(sums)}
    return found


def _called(unit: Any) -> str:
    """A unit of measure may have a name, which tells more than its code: not every box is alike."""
    if isinstance(unit, Mapping):
        unit = unit.get("name") or unit.get("code")
    return unit if isinstance(unit, str) else ""


def _numbers(value: Any, steps: Sequence[str], unit: str) -> Iterator[tuple[str, Decimal]]:
    if isinstance(value, Mapping):
        if not steps:
            return
        name = steps[0].removesuffix("[]")
        inner = value.get(name)
        names = UNITS if len(steps) == 1 else UNITS[:1]
        unit = next(filter(None, (_called(value.get(each)) for each in names)), unit)
        if steps[0].endswith("[]"):
            for each in inner if isinstance(inner, list) else ():
                yield from _numbers(each, steps[1:], unit)
        else:
            yield from _numbers(inner, steps[1:], unit)
    elif not steps and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        # As it is written in the document, not as the processor rounds it.
        yield unit, Decimal(str(value))
