"""Generalising: a value is replaced by the group it belongs to.

Safe Harbor of 45 CFR 164.514(b)(2)(i) is the yardstick: years of dates (C), ages over 89 as one
group (C), the first three digits of ZIP codes (B). Whatever cannot be read as what it should be is
hidden wholly.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .context import Context
from .mask import as_text, hide

# Three-digit ZIP areas with 20,000 people or fewer, to be written 000: 45 CFR
# 164.514(b)(2)(i)(B)(2). The 17 areas of the 2000 census as listed by HHS, Office for Civil Rights,
# "Guidance Regarding Methods for De-identification of Protected Health Information in Accordance
# with the HIPAA Privacy Rule" (26 November 2012), "When can ZIP codes be included in de-identified
# information?".
RESTRICTED_ZIP3 = frozenset(
    "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893".split()
)
OLDEST = 89
_AGE_STEP = 5
MOST_BANDS = 50

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_ZIP = re.compile(r"(\d{3})\d{2}(?:-?\d{4})?", re.ASCII)
_AGE = re.compile(r"\d{1,3}", re.ASCII)
_BOUND = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)

Bounds = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way of generalising.

    `group` answers None for what it cannot read. `harbor`: what is left no longer points to a
    person by the measure of Safe Harbor.
    """

    code: str
    label: str
    group: Callable[[Any, Context, Bounds], str | None]
    harbor: bool = True

    def show(self, value: Any, context: Context, bounds: Bounds) -> str:
        group = self.group(value, context, bounds)
        return hide(as_text(value)) if group is None else group


def _read_date(value: Any) -> date | None:
    """The day of an ISO date, or of a date and time (`2026-03-02T09:30:00Z`)."""
    if type(value) is not str or value[4:5] != "-" or value[7:8] != "-" or not value.isascii():
        return None
    if len(value) > 10 and value[10] not in "T ":
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _month(value: Any, context: Context, bounds: Bounds) -> str | None:
    return value[:7] if _read_date(value) else None


def _year(value: Any, context: Context, bounds: Bounds) -> str | None:
    if type(value) is str and _MONTH.fullmatch(value):
        return value[:4]
    return value[:4] if _read_date(value) else None


def _age(value: Any, context: Context, bounds: Bounds) -> str | None:
    """Five years of age for an age, the year for a birth date; all above 89 are one group.

    Everybody who turns 90 this year counts as that already: their year of birth tells their age.
    """
    born = _read_date(value)
    if born is not None:
        if context.today is None or born > context.today:
            return None
        return f"{born.year:04}" if context.today.year - born.year <= OLDEST else _oldest()
    text = as_text(value)
    if type(value) not in (int, str) or not _AGE.fullmatch(text):
        return None
    if int(text) > OLDEST:
        return _oldest()
    start = int(text) // _AGE_STEP * _AGE_STEP
    return f"{start}-{start + _AGE_STEP - 1}"


def _oldest() -> str:
    return f"{OLDEST + 1}+"


def _zip3(value: Any, context: Context, bounds: Bounds) -> str | None:
    text = f"{value:05}" if type(value) is int and value >= 0 else value
    found = _ZIP.fullmatch(text) if type(text) is str else None
    if not found:
        return None
    return "000" if found[1] in RESTRICTED_ZIP3 else found[1]


def _band(value: Any, context: Context, bounds: Bounds) -> str | None:
    if type(value) is str and _BOUND.fullmatch(value):
        value = float(value)
    if type(value) not in (int, float) or not math.isfinite(value):
        return None
    place = bisect_right(bounds, value)
    if not place:
        return f"under {_number(bounds[0])}"
    if place == len(bounds):
        return f"{_number(bounds[-1])} and over"
    return f"{_number(bounds[place - 1])} to under {_number(bounds[place])}"


def _number(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else repr(bound)


GROUPINGS = {
    grouping.code: grouping
    for grouping in (
        Grouping("month", "Month of a date", _month, harbor=False),
        Grouping("year", "Year of a date", _year),
        Grouping("age", "Age or birth date, above 89 as one", _age),
        Grouping("zip3", "First three digits of a ZIP code", _zip3),
        Grouping("band", "Band of an amount", _band),
    )
}


def bounds_of(parameter: str | None) -> Bounds:
    """The bounds between bands, as a rule states them: `100, 1000, 10000`. Raises `ValueError`."""
    parts = [part.strip() for part in (parameter or "").split(",")]
    if not all(_BOUND.fullmatch(part) for part in parts) or len(parts) > MOST_BANDS:
        raise ValueError("bands need rising amounts, for example 100, 1000, 10000")
    bounds = tuple(map(float, parts))
    if list(bounds) != sorted(set(bounds)):
        raise ValueError("bands need rising amounts, for example 100, 1000, 10000")
    return bounds
