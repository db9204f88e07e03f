"""Figures, goals and verdicts: arithmetic and texts only."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must reach and what it aims at; `lower` says that less is better."""

    must: float
    aim: float
    lower: bool = False

    def verdict(self, figure: float) -> str:
        """`aim`, `must` or `short`: the best of what the figure reaches.

        >>> [Goal(6, 11).verdict(figure) for figure in (11, 6, 5.9)]
        ['aim', 'must', 'short']
        >>> [Goal(1.5, 1.1, lower=True).verdict(figure) for figure in (1.1, 1.5, 1.6)]
        ['aim', 'must', 'short']
        """
        sign = -1 if self.lower else 1
        if sign * figure >= sign * self.aim:
            return "aim"
        return "must" if sign * figure >= sign * self.must else "short"

    def text(self, figure: float, unit: str) -> str:
        """A bound as people write it: `≥ 6 ×`."""
        return f"{'≤' if self.lower else '≥'} {shown(figure, unit)}"


@dataclass(slots=True)
class Result:
    """One measure's outcome: its figure, what it was made from, or why there is none."""

    key: str
    title: str
    unit: str
    goal: Goal
    figure: float | None = None
    raw: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        return "error" if self.figure is None else self.goal.verdict(self.figure)

    @property
    def row(self) -> tuple[str, ...]:
        figure = self.error.splitlines()[0] if self.error else "-"
        if self.figure is not None:
            figure = shown(self.figure, self.unit)
        bounds = (self.goal.text(bound, self.unit) for bound in (self.goal.must, self.goal.aim))
        return (self.title, self.key, figure, *bounds, self.verdict)

    def facts(self) -> dict[str, Any]:
        """What the JSON keeps of it."""
        return {
            "title": self.title,
            "figure": self.figure,
            "unit": self.unit,
            "must": self.goal.must,
            "aim": self.goal.aim,
            "lower_is_better": self.goal.lower,
            "verdict": self.verdict,
            "error": self.error,
            "seconds": round(self.seconds, 1),
            "raw": self.raw,
        }


def shown(figure: float, unit: str) -> str:
    """A figure with as many digits as it deserves.

    >>> shown(11.234, "×"), shown(0.8049, ""), shown(97.26, "ms"), shown(1067.4, "/s")
    ('11.2 ×', '0.80', '97 ms', '1067 /s')
    >>> shown(0.0083, "")
    '0.008'
    """
    size = abs(figure)
    digits = 0 if size >= 20 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{figure:.{digits}f} {unit}".strip()


def median(values: Sequence[float]) -> float:
    """The middle value; of an even number of values the mean of the two in the middle."""
    return float(statistics.median(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed.

    >>> percentile([5, 1, 4, 2, 3], 0.5), percentile(list(range(1, 101)), 0.95)
    (3.0, 95.0)
    """
    ordered = sorted(values)
    rank = -int(-share * len(ordered) // 1)  # rounded up
    return float(ordered[max(rank, 1) - 1])


def spread(values: Sequence[float]) -> float:
    """How far the values lie apart, as a share of their median.

    >>> spread([90, 100, 120])
    0.3
    """
    middle = median(values)
    return round((max(values) - min(values)) / middle, 3) if middle else 0.0


def rounds(values: Sequence[float]) -> dict[str, Any]:
    """The rounds of one side, as the JSON keeps them."""
    kept = [round(value, 4) for value in values]
    return {"rounds": kept, "median": round(median(values), 4), "spread": spread(values)}


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median over median."""
    return median(ours) / median(theirs)


HEADINGS = ("measure", "key", "figure", "must", "aim", "verdict")


def table(results: Sequence[Result]) -> str:
    """All results, one line each."""
    rows = [HEADINGS, *(result.row for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def document(results: Sequence[Result], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON: one key per figure, what is behind each under `measures`, the rest as given."""
    return {
        **{result.key: _rounded(result.figure) for result in results},
        "measures": {result.key: result.facts() for result in results},
        **facts,
    }


def failed(results: Sequence[Result]) -> list[str]:
    """The keys of what could not be measured or falls short."""
    return [result.key for result in results if result.verdict in ("error", "short")]


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)
