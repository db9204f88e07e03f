"""Months as ``YYYY-MM`` (UTC), as the keys of periods have them in their names."""

from datetime import datetime

from .keyring import month_of


def months_ahead(moment: datetime, count: int) -> list[str]:
    """The month of ``moment`` and ``count`` more.

    >>> months_ahead(datetime.fromisoformat("2026-11-30T23:00Z"), 2)
    ['2026-11', '2026-12', '2027-01']
    """
    year, month = map(int, month_of(moment).split("-"))
    numbers = range(year * 12 + month - 1, year * 12 + month + count)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def is_over(month: str, moment: datetime) -> bool:
    """Whether the month lies before that of ``moment``.

    >>> moment = datetime.fromisoformat("2026-12-01T00:00Z")
    >>> is_over("2026-11", moment), is_over("2026-12", moment)
    (True, False)
    """
    return month < month_of(moment)
