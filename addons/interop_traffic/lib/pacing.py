"""How fast dead letters run again, and when a campaign stops by itself. Plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping

#: Messages in one transaction.
CHUNK = 100


def room(per_minute: int, seconds: float | None, ended: int, open_now: int, probe: int) -> int:
    """How many may run again now, `seconds` after the last ones.

    At first no more than `probe` are on their way, until so many have ended: whether they die again
    must be seen before all of them have.

    >>> room(600, 5, ended=0, open_now=0, probe=20), room(600, 5, ended=20, open_now=0, probe=20)
    (20, 50)
    >>> room(600, 5, ended=3, open_now=17, probe=20), room(60, 600, 100, 0, 20)
    (3, 60)
    >>> room(60, None, 0, 0, 20), room(60, -1, 50, 0, 20)
    (20, 0)
    """
    paced = per_minute if seconds is None else int(per_minute * max(seconds, 0.0) / 60)
    allowed = min(paced, per_minute, CHUNK)
    if ended < probe:
        allowed = min(allowed, max(probe - open_now, 0))
    return allowed


def seconds_used(count: int, per_minute: int) -> float:
    """How much of the time that has gone by `count` messages use up.

    >>> seconds_used(30, 60)
    30.0
    """
    return 60.0 * count / per_minute


def seconds_for(
    counts: Mapping[int, int], rates: Mapping[int, float], per_minute: int
) -> tuple[float, int | None]:
    """How long it takes: by the throttle, or by the connector that is slower than that.

    `counts`: messages by connector, those that wait behind them included; `rates`: what each has
    lately done in a minute. One that has done nothing says nothing. Returns the connector too.

    >>> seconds_for({1: 600, 2: 10}, {1: 60.0}, 6000), seconds_for({1: 600}, {}, 60)
    ((600.0, 1), (600.0, None))
    """
    longest, slowest = 60.0 * sum(counts.values()) / per_minute, None
    for connector, count in counts.items():
        rate = rates.get(connector, 0.0)
        if rate > 0 and 60.0 * count / rate > longest:
            longest, slowest = 60.0 * count / rate, connector
    return longest, slowest


def dies_too_often(ended: int, died: int, of: int, percent: int) -> bool:
    """Whether more than `percent` of the last `of` that ended are dead again.

    >>> dies_too_often(20, 11, 20, 50), dies_too_often(20, 10, 20, 50), dies_too_often(5, 5, 20, 50)
    (True, False, False)
    """
    return ended >= of and died * 100 > percent * ended
