"""When content has to go: arithmetic of days and months, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: The class of content for which nobody has chosen one.
STANDARD = "standard"

#: Class of a flow by the most sensitive thing that it carries. What hurts most when it leaks is
#: kept shortest: keeping is a risk that somebody must want (GDPR Art. 5(1)(e), storage limitation).
DEFAULT_CLASSES: Mapping[str, str] = {"health": "short", "secret": "short"}


def default_class(highest: str | None) -> str:
    """The code of the class for a flow whose most sensitive field is `highest`."""
    return DEFAULT_CLASSES.get(highest or "", STANDARD)


def cutoff(now: datetime, days: int) -> datetime:
    """What ended before this moment is purged."""
    return now - timedelta(days=days)


def month_end(period: str) -> date:
    """The day after the last of the month `period` (YYYY-MM)."""
    year, month = int(period[:4]), int(period[5:7])
    return date(year + month // 12, month % 12 + 1, 1)


def key_is_due(period: str, days: int, today: date) -> bool:
    """Whether nothing sealed in that month has to live any more: month's end and the days.

    Content is sealed before its message ends, so some of it may live longer than this; whoever
    destroys the key looks whether any does.
    """
    return month_end(period) + timedelta(days=days) <= today


@dataclass(frozen=True, slots=True)
class PeriodKey:
    """One of the keyring's keys: a retention class and a month."""

    retention_class: str
    month: str

    def __str__(self) -> str:
        return f"{self.retention_class}/{self.month}"


def due_keys(periods: Iterable[str], days: Mapping[str, int], today: date) -> list[PeriodKey]:
    """Those of `periods` (``class/YYYY-MM``) that are due; a class nobody knows never is."""
    found = []
    for period in periods:
        code, _slash, month = period.rpartition("/")
        if code in days and key_is_due(month, days[code], today):
            found.append(PeriodKey(code, month))
    return found
