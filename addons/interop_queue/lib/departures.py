"""When the batches of a flow leave: times of day in a time zone, intervals, weekdays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
WEEK = 7


def parse_times(text: str) -> tuple[time, ...]:
    """Times of day as people write them, in their order.

    >>> [str(each) for each in parse_times("14:30, 9:00")]
    ['09:00:00', '14:30:00']
    """
    times = set()
    for word in re.split(r"[\s,;]+", text.strip()):
        if not word:
            continue
        if not (found := _TIME.fullmatch(word)):
            raise ValueError(word)
        times.add(time(int(found[1]), int(found[2])))
    return tuple(sorted(times))


@dataclass(frozen=True, slots=True)
class Departures:
    """A schedule. Moments are UTC without a zone, as Odoo and PostgreSQL keep them."""

    times: Sequence[time] = ()
    minutes: int = 0
    """Also at each full interval of so many minutes; 0: only at the times of day."""
    days: Sequence[int] = tuple(range(WEEK))
    """Weekdays on which batches leave, in the zone. 0 is Monday."""
    zone: str = "UTC"

    def next_after(self, moment: datetime) -> datetime | None:
        """The first departure after `moment`; None if batches leave by number or size only.

        A time of day that the clocks skip in spring is taken an hour later; one that they show
        twice in autumn is taken once, the first time.

        >>> workdays = Departures(parse_times("17:00"), days=range(5), zone="Europe/Berlin")
        >>> str(workdays.next_after(datetime(2026, 3, 27, 16, 0)))  # a Friday; summer time begins
        '2026-03-30 15:00:00'
        """
        found = [
            each for each in (self._by_times(moment), self._by_interval(moment)) if each is not None
        ]
        return min(found, default=None)

    def _by_times(self, moment: datetime) -> datetime | None:
        if not self.times:
            return None
        for day in self._days_from(moment):
            # Two times of day may swap places where the clocks change.
            for departure in sorted(self._utc(datetime.combine(day, each)) for each in self.times):
                if departure > moment:
                    return departure
        return None

    def _by_interval(self, moment: datetime) -> datetime | None:
        if not self.minutes:
            return None
        step = self.minutes * 60
        seconds = int(moment.replace(tzinfo=UTC).timestamp())
        departure = _at(seconds - seconds % step + step)
        if self._local(departure).weekday() in self.days:
            return departure
        for day in self._days_from(departure):
            seconds = int(self._utc(datetime.combine(day, time())).replace(tzinfo=UTC).timestamp())
            begins = _at(seconds + -seconds % step)
            if begins >= departure and self._local(begins).date() == day:
                return begins
        return None

    def _days_from(self, moment: datetime) -> Iterator[date]:
        """Days on which batches leave, from the one that `moment` lies in."""
        first = self._local(moment).date()
        for ahead in range(WEEK + 2):
            day = first + timedelta(days=ahead)
            if day.weekday() in self.days:
                yield day

    def _local(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone))

    def _utc(self, local: datetime) -> datetime:
        return local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC).replace(tzinfo=None)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
