"""Whole numbers as ranges ``[first, last]``, both included."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence


class Ranges:
    """Numbers that lie in any of the ranges.

    >>> ranges = Ranges([[5, 9], [1, 2], [10, 12]])
    >>> 2 in ranges, 3 in ranges, 10 in ranges
    (True, False, True)
    """

    def __init__(self, ranges: Iterable[Sequence[int]]) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in sorted((each[0], each[1]) for each in ranges):
            if self._lasts and first <= self._lasts[-1] + 1:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]


def runs(numbers: Iterable[int], of: Sequence[int]) -> list[list[int]]:
    """``numbers`` as ranges within ``of``, the ascending numbers there are.

    Numbers that do not exist in ``of`` do not part a range.

    >>> runs([1, 2, 5, 9], of=[1, 2, 5, 7, 9])
    [[1, 5], [9, 9]]
    """
    wanted = set(numbers)
    found: list[list[int]] = []
    going_on = False
    for number in of:
        if number in wanted:
            if going_on:
                found[-1][1] = number
            else:
                found.append([number, number])
        going_on = number in wanted
    return found
