"""An entry as an object of JSON, and as a row for people: what stands in an export."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from . import leaf

_NUMBERS: Final = frozenset({"id", "actor_id", "company_id", "area_id", "res_id"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

#: Heads of the columns of a CSV file.
HEADS: Final = ("seal", *leaf.COLUMNS)


def as_object(line: bytes, seal: int | None = None) -> dict[str, Any]:
    """All columns of an entry by name, the time in ISO 8601 (UTC), and the seal that holds it.

    >>> as_object(leaf.line(["7", "1767225600000001", "700", *[None] * 14]), 2)["ts"]
    '2026-01-01T00:00:00.000001Z'
    """
    made: dict[str, Any] = {"seal": seal}
    for name, value in zip(leaf.COLUMNS, leaf.values(line), strict=True):
        if value is None:
            made[name] = None
        elif name == "ts":
            made[name] = _moment(int(value))
        else:
            made[name] = int(value) if name in _NUMBERS else value
    return made


def as_line(data: Mapping[str, Any]) -> bytes:
    """The line again. Raises ValueError if the object is not of the form that `as_object` makes."""
    if data.keys() != set(HEADS):
        raise ValueError("an entry has other columns than it should")
    values: list[str | None] = []
    for name in leaf.COLUMNS:
        value = data[name]
        if value is None:
            values.append(None)
        elif name in _NUMBERS:
            if type(value) is not int:
                raise ValueError(f"{name} of an entry is no number")
            values.append(str(value))
        elif not isinstance(value, str):
            raise ValueError(f"{name} of an entry is no text")
        else:
            values.append(_microseconds(value) if name == "ts" else value)
    if not (values[0] and values[1] and values[2] and re.fullmatch("[0-9]{1,20}", values[2])):
        raise ValueError("an entry lacks its number, time or transaction")
    return leaf.line(values)


def as_row(line: bytes, seal: int | None = None) -> Sequence[str]:
    """The values for a CSV file, none of which a spreadsheet takes for a formula."""
    return [
        "" if value is None else _harmless(str(value)) for value in as_object(line, seal).values()
    ]


def _moment(microseconds: int) -> str:
    moment = _EPOCH + microseconds * _MICROSECOND
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06}Z"


def _microseconds(text: str) -> str:
    if not _MOMENT.fullmatch(text):
        raise ValueError("the time of an entry is none")
    return str((datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
