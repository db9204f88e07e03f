"""How fast a backfill goes, in plain arithmetic."""

from __future__ import annotations

#: Records in one transaction.
CHUNK = 200


def allowance(per_minute: int, seconds: float | None) -> int:
    """How many messages may come about now, `seconds` after the last ones.

    A minute's worth at most: what was not used while the backfill waited is not made up for.

    >>> allowance(60, 10), allowance(60, 600), allowance(60, None), allowance(60, -5)
    (10, 60, 60, 0)
    """
    if seconds is None:
        return per_minute
    return max(min(int(per_minute * seconds / 60), per_minute), 0)


def seconds_for(count: int, per_minute: int) -> float:
    """How long so many take, if nothing else holds them up.

    >>> seconds_for(90, 60)
    90.0
    """
    return 60.0 * count / per_minute


def share(looked_at: int, count: int) -> float:
    """Progress in percent.

    >>> share(1, 4), share(0, 0), share(7, 5)
    (25.0, 100.0, 100.0)
    """
    return min(100.0 * looked_at / count, 100.0) if count else 100.0
