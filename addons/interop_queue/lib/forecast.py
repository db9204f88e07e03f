"""When a backlog will be gone, told from what came and what left in the last minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Rates are taken over so many minutes.
MINUTES: Final = 5
# What would last longer than this is not told as a time: nobody can know.
FARTHEST: Final = 7 * 24 * 3600.0

EMPTY: Final = "empty"
GONE: Final = "gone"
GROWS: Final = "grows"
SLOW: Final = "slow"
STILL: Final = "still"
HELD: Final = "held"


@dataclass(frozen=True, slots=True)
class Forecast:
    """`kind` is one of the above. `seconds`: until it is gone, for `GONE` only.

    `arriving` and `leaving` are messages per minute.
    """

    kind: str
    seconds: float | None = None
    arriving: float = 0.0
    leaving: float = 0.0


def forecast(backlog: int, arrived: int, gone: int, seconds: float, held: bool = False) -> Forecast:
    """What will become of `backlog` open messages.

    In the last `seconds` as many as `arrived` came and `gone` left. `held`: nothing leaves just
    now on purpose (a pause, a closed gate). Raises ValueError for negative counts and for no time.
    """
    if min(backlog, arrived, gone) < 0 or seconds <= 0:
        raise ValueError("a forecast needs counts of 0 or more, and some time")
    arriving, leaving = arrived * 60 / seconds, gone * 60 / seconds
    rates = {"arriving": arriving, "leaving": leaving}
    if not backlog:
        return Forecast(EMPTY, **rates)
    if held:
        return Forecast(HELD, **rates)
    if not gone:
        return Forecast(STILL, **rates)
    net = leaving - arriving
    if net <= 0:
        # As many left as came: it neither grows nor ends.
        return Forecast(GROWS if net < 0 else SLOW, **rates)
    left = backlog * 60 / net
    if left > FARTHEST:
        return Forecast(SLOW, **rates)
    return Forecast(GONE, left, **rates)
