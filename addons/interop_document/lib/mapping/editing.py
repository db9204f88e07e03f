"""Rows as an editor sends them, checked, and tried as far as they get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from odoo.addons.interop_base.lib.failures import DataError

from ..lookup import Lookup, Unmapped
from .compiled import MAX_ROWS, Attempt, MappingError, MapProblem, compile_mapping
from .inverse import Lost, invert
from .rows import Row

MAX_SAMPLE = 1_000_000
"""Of a sample, in characters and in bytes of UTF-8."""

_TEXTS = {"target", "source", "each", "constant", "converter", "default", "when", "note"}
_LONGEST = 1000
_MOST_ARGUMENTS = 10_000


class RowsError(DataError):
    """Rows that no editor sends."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"Row {number}: {what}.")


def rows_of(given: Any, crosswalks: Mapping[int, str]) -> list[Row]:
    """Rows out of plain JSON: texts, `arguments`, `required`, `crosswalk_id`.

    `crosswalks`: the codes of those that may be used. Raises `DataError`, which names the row.
    """
    if type(given) is not list or len(given) > MAX_ROWS:
        raise DataError(f"A mapping is a list of at most {MAX_ROWS} rows.")
    return [_row(number, each, crosswalks) for number, each in enumerate(given, 1)]


def crosswalks_named(given: Any) -> list[int]:
    """The crosswalks that rows name, as records."""
    rows = given if type(given) is list else []
    found = (row.get("crosswalk_id") for row in rows[:MAX_ROWS] if type(row) is dict)
    return sorted({each for each in found if type(each) is int})


def _row(number: int, given: Any, crosswalks: Mapping[int, str]) -> Row:
    if type(given) is not dict:
        raise RowsError(number, "is no row")
    texts: dict[str, str] = {}
    for name in _TEXTS:
        text = given.get(name) or ""
        if type(text) is not str or len(text) > _LONGEST:
            raise RowsError(number, f"{name} must be a text of at most {_LONGEST} characters")
        texts[name] = text
    arguments = given.get("arguments") or {}
    if type(arguments) is not dict or len(str(arguments)) > _MOST_ARGUMENTS:
        raise RowsError(number, "the converter's arguments are too long, or none")
    crosswalk = given.get("crosswalk_id") or 0
    if crosswalk and (type(crosswalk) is not int or crosswalk not in crosswalks):
        raise RowsError(number, "its crosswalk is gone, or not for you to use; choose another")
    return Row(
        target=texts["target"].strip(),
        source=texts["source"].strip(),
        constant=texts["constant"] or None,
        converter=texts["converter"],
        arguments=arguments,
        crosswalk=crosswalks[crosswalk] if crosswalk else "",
        default=texts["default"] or None,
        required=given.get("required") is True,
        when=texts["when"].strip(),
        each=texts["each"].strip(),
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rows that can be used make, and what is wrong with each of the others."""

    made: dict[str, Any] = field(repr=False)
    problems: tuple[MapProblem, ...]
    missing: tuple[Unmapped, ...]
    lost: tuple[Lost, ...]


def try_rows(
    rows: Sequence[Row], direction: str, body: dict[str, Any] | None, lookup: Lookup
) -> Tried:
    """Map `body` with the rows that can be used; without a body only the rows are looked at."""
    problems: dict[int, MapProblem] = {}
    usable = list(enumerate(rows, 1))
    mapper = None
    while mapper is None:
        try:
            mapper = compile_mapping(
                {"direction": direction, "rows": [row.as_json() for _number, row in usable]}
            )
        except MappingError as refused:
            found = [each for each in refused.problems or () if isinstance(each, MapProblem)]
            if any(not each.row for each in found):
                return Tried({}, tuple(found), (), ())
            for each in found:
                number = usable[each.row - 1][0]
                problems.setdefault(number, MapProblem(number, each.target, each.reason))
            usable = [(number, row) for number, row in usable if number not in problems]
    attempt = Attempt({}, (), ())
    if body is not None:
        try:
            attempt = mapper.attempt(body, lookup)
        except DataError as refused:
            found = [each for each in refused.problems or () if isinstance(each, MapProblem)]
            told_of = found or [MapProblem(0, "", refused.sentence.rstrip("."))]
            attempt = Attempt({}, tuple(told_of), ())
    numbers = [number for number, _row in usable]
    told = [
        MapProblem(numbers[each.row - 1] if each.row else 0, each.target, each.reason)
        for each in attempt.problems
    ]
    lost = [
        Lost(numbers[each.row - 1], each.target, each.reason)
        for each in invert([row for _number, row in usable]).lost
    ]
    return Tried(
        attempt.made,
        (*(problems[number] for number in sorted(problems)), *told),
        attempt.missing,
        tuple(lost),
    )
