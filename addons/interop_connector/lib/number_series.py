"""What has come of the other side's numbers, as ranges: what is missing, late or begins again.

A partner numbers its payloads one after the other (X12 ISA13, EDIFACT 0020). What does not follow
on the highest number so far leaves a gap, and what arrives late closes it, or a part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# A longer jump is no loss of payloads: the partner has begun its numbers anew.
LONGEST_GAP = 10_000
# What comes so late is not late: the partner has begun its numbers anew (9999 is followed by 1).
LATEST = 1_000
_NUMBER = "number:"


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last

    def without(self, number: int) -> tuple[Span, ...]:
        """What is left: nothing, one span or two.

        >>> Span(3, 5).without(4)
        (Span(first=3, last=3), Span(first=5, last=5))
        """
        parts = (Span(self.first, number - 1), Span(number + 1, self.last))
        return tuple(part for part in parts if part.first <= part.last)


@dataclass(frozen=True, slots=True)
class Placed:
    """The series after a number has come, and what that number did to it."""

    lowest: int
    highest: int
    what: str
    """`next`, `gap` (numbers before it are missing), `late` (it was), `older` (from before the
    series was watched), `anew` (the partner has begun again)."""
    missing: Span | None = None
    left: tuple[Span, ...] = ()
    """For `late`: what is still missing of the gap it belonged to."""


def begin(number: int) -> Placed:
    """The first number that is seen: nothing is known about those before it."""
    return Placed(number, number, "next")


def place(lowest: int, highest: int, number: int, gap: Span | None = None) -> Placed:
    """Place a number that has not come before. `gap` is the open gap that it lies in."""
    if gap is not None and number in gap:
        return Placed(lowest, highest, "late", left=gap.without(number))
    if number > highest:
        if number == highest + 1:
            return Placed(lowest, number, "next")
        if number - highest - 1 > LONGEST_GAP:
            return Placed(number, number, "anew")
        return Placed(lowest, number, "gap", missing=Span(highest + 1, number - 1))
    if highest - number <= LATEST:
        return Placed(lowest, highest, "older")
    return Placed(number, number, "anew")


def told_numbers(facts: Mapping[str, str]) -> dict[str, str]:
    """The control numbers among the facts of a decoded payload, by kind, as they stood there."""
    return {
        key.removeprefix(_NUMBER): text
        for key, text in facts.items()
        if key.startswith(_NUMBER) and text
    }


def as_number(text: str) -> int | None:
    """A control number that can be counted; None for letters, which EDIFACT allows."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 14 else None
