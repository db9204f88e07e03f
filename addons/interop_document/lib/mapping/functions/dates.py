"""Dates and times, between ISO 8601 (as documents have them) and what partners write.

Patterns are made of YYYY YY MM DD hh mm ss and separators, nothing else: `DD.MM.YYYY`,
`YYYYMMDDhhmm`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .converters import ConvertError, converter, kind_of

_TOKEN = re.compile(r"YYYY|YY|MM|DD|hh|mm|ss")
_FORMATS = {
    "YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "hh": "%H", "mm": "%M", "ss": "%S",
}  # fmt: skip
_WIDTHS = {"YYYY": 4}
_SEPARATORS = frozenset(" .-/:,T_")


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> tuple[str, re.Pattern[str], tuple[str, ...]]:
    """For `strftime`, for reading, and the parts in order."""
    between = _TOKEN.sub("", pattern)
    parts = tuple(_TOKEN.findall(pattern))
    if not parts or len(set(parts)) < len(parts) or not _SEPARATORS.issuperset(between):
        raise ConvertError("a pattern is made of YYYY YY MM DD hh mm ss and separators, each once")
    if len(pattern) > 40 or {"YYYY", "YY"} <= set(parts):
        raise ConvertError("a pattern is made of YYYY YY MM DD hh mm ss and separators, each once")
    written = _TOKEN.sub(lambda found: _FORMATS[found[0]], pattern)
    pieces = re.split(f"({_TOKEN.pattern})", pattern)
    rule = "".join(
        f"([0-9]{{{_WIDTHS.get(piece, 2)}}})" if piece in _FORMATS else re.escape(piece)
        for piece in pieces
    )
    return written, re.compile(rule), parts


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConvertError("the time zone is not known: use names such as Europe/Berlin") from None


def _read(value: Any, pattern: str) -> datetime:
    if type(value) is not str:
        raise ConvertError(f"a date as text is needed, and there is {kind_of(value)}")
    _written, rule, parts = _pattern(pattern)
    found = rule.fullmatch(value.strip())
    if found is None:
        raise ConvertError(f"a date written as {pattern} is needed")
    given = dict(zip(parts, map(int, found.groups()), strict=True))
    if "YYYY" not in given and "YY" not in given:
        raise ConvertError("the pattern needs a year")
    # Two digits: as POSIX has it, 69 to 99 are of the last century.
    year = given.get("YYYY") or given["YY"] + (1900 if given["YY"] >= 69 else 2000)
    try:
        return datetime(
            year,
            given.get("MM", 1),
            given.get("DD", 1),
            given.get("hh", 0),
            given.get("mm", 0),
            given.get("ss", 0),
        )
    except ValueError:
        raise ConvertError("there is no such day or time") from None


def _iso_day(value: Any) -> date:
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        raise ConvertError(f"an ISO date is needed, and there is {kind_of(value)}") from None


def _iso_moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ConvertError(f"an ISO time is needed, and there is {kind_of(value)}") from None
    if moment.tzinfo is None:
        raise ConvertError("the time needs a zone, such as Z")
    return moment


def _other(code: str) -> Any:
    return lambda given: (code, dict(given))


@converter("Date as the partner writes it", _other("read_date"))
def write_date(value: Any, pattern: str) -> str:
    """The day of an ISO date or time in a pattern such as `DD.MM.YYYY`."""
    day = _iso_day(value)
    return f"{day:{_padded(_pattern(pattern)[0], day.year)}}"


@converter("Date from the partner's writing", _other("write_date"))
def read_date(value: Any, pattern: str) -> str:
    """A date written in a pattern such as `DD.MM.YYYY` as ISO date."""
    return _read(value, pattern).date().isoformat()


@converter("Time as the partner writes it", _other("read_time"))
def write_time(value: Any, pattern: str, zone: str = "UTC") -> str:
    """An ISO time in a pattern such as `YYYYMMDDhhmm`, in the partner's time zone."""
    try:
        moment = _iso_moment(value).astimezone(_zone(zone))
    except OverflowError:
        raise ConvertError("the time is out of range") from None
    return f"{moment:{_padded(_pattern(pattern)[0], moment.year)}}"


@converter("Time from the partner's writing", _other("write_time"))
def read_time(value: Any, pattern: str, zone: str = "UTC") -> str:
    """A time written in a pattern, in the partner's time zone, as ISO time in UTC."""
    try:
        moment = _read(value, pattern).replace(tzinfo=_zone(zone)).astimezone(UTC)
    except OverflowError:
        raise ConvertError("the time is out of range") from None
    return moment.isoformat().replace("+00:00", "Z")


@converter("Time from seconds")
def unix_time(value: Any) -> str:
    """Seconds since 1970 (UTC) as ISO time."""
    if type(value) not in (int, float) or not 0 <= value < 253_402_300_800:
        raise ConvertError(f"seconds since 1970 are needed, and there is {kind_of(value)}")
    return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")


def _padded(written: str, year: int) -> str:
    """Years before 1000 with four digits, which `strftime` leaves to the machine."""
    return written.replace("%Y", f"{year:04d}")
