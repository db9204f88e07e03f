"""Months as half-open ranges, for partitions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True)
class Month:
    year: int
    month: int

    @property
    def code(self) -> str:
        """
        >>> Month(2026, 3).code
        '202603'
        """
        return f"{self.year:04d}{self.month:02d}"

    @property
    def name(self) -> str:
        """
        >>> Month(2026, 3).name
        '2026-03'
        """
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def named(cls, name: str) -> "Month":
        """
        >>> Month.named("2026-03")
        Month(year=2026, month=3)
        """
        year, month = name.split("-")
        return cls(int(year), int(month))

    def later(self, months: int) -> "Month":
        """
        >>> Month(2026, 11).later(14)
        Month(year=2028, month=1)
        """
        count = self.year * 12 + self.month - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def first(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def next(self) -> "Month":
        """
        >>> Month(2026, 12).next
        Month(year=2027, month=1)
        """
        return Month(self.year + self.month // 12, self.month % 12 + 1)


def months_from(day: date, count: int) -> Iterator[Month]:
    """``count`` months, the first one being that of ``day``.

    >>> [month.code for month in months_from(date(2026, 11, 30), 3)]
    ['202611', '202612', '202701']
    """
    month = Month(day.year, day.month)
    for _ in range(count):
        yield month
        month = month.next
