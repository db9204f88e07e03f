"""Maintenance windows: when a connector is closed next, in UTC, out of wall times in its time zone.

A day on which clocks change: a time that there is twice begins with the first and ends with the
second; a time that there is not is the moment of the change. So a window is never shorter on the
wall than people wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

DAY = 24 * 60
# Days that are looked ahead: each weekday once, and what begins on the last of them.
AHEAD = 9


@dataclass(frozen=True, slots=True)
class Span:
    """From `begin`, which is within, to `end`, which is not. In UTC."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Weekly:
    """On `days` (Monday is 0) from `begin` to `end`, minutes of the day.

    An end that is not after the begin is one of the next day.
    """

    days: frozenset[int]
    begin: int
    end: int

    def spans(self, zone: tzinfo, now: datetime) -> Iterator[Span]:
        today = now.astimezone(zone).date()
        length = self.end - self.begin if self.end > self.begin else self.end - self.begin + DAY
        for ahead in range(-2, AHEAD):
            day = today + timedelta(days=ahead)
            if day.weekday() in self.days:
                begin = _wall(day, self.begin)
                yield Span(
                    moment(begin, zone),
                    moment(begin + timedelta(minutes=length), zone, last=True),
                )


@dataclass(frozen=True, slots=True)
class Once:
    begin: datetime
    end: datetime

    def spans(self, zone: tzinfo, now: datetime) -> Iterator[Span]:
        yield Span(self.begin.astimezone(UTC), self.end.astimezone(UTC))


Window = Weekly | Once


def _wall(day: date, minutes: int) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)


def moment(wall: datetime, zone: tzinfo, last: bool = False) -> datetime:
    """The moment in UTC at which the clocks of `zone` show `wall`.

    `last`: of a time that there is twice, the second.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if last else first
    # The clocks jump over it, from before `second` to after `first`: the moment of the jump.
    low, high = second, first
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def closures(windows: Iterable[Window], zone: tzinfo, now: datetime) -> Sequence[Span]:
    """When it is closed from `now` on, in order; windows that touch are one."""
    spans = sorted(
        (span for window in windows for span in window.spans(zone, now)),
        key=lambda span: (span.begin, span.end),
    )
    merged: list[Span] = []
    for span in spans:
        if merged and span.begin <= merged[-1].end:
            merged[-1] = Span(merged[-1].begin, max(merged[-1].end, span.end))
        elif span.begin < span.end:
            merged.append(span)
    return [span for span in merged if span.end > now]


def next_closure(windows: Iterable[Window], zone: tzinfo, now: datetime) -> Span | None:
    """The window that `now` is in, or the next one."""
    return next(iter(closures(windows, zone, now)), None)
