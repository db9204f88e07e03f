"""What is measured, by key: each measure returns its figure and what that was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .figures import Goal
from .house import House
from .sides import Ours, Theirs, Tuning


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. The quick form shows that all works, not how fast it is."""

    rounds: int
    fast: int = 6000
    orders: int = 3000
    slow: int = 2500
    jobs: int = 800
    probe: int = 300
    bare: int = 5000
    enqueued: int = 1500
    delayed: int = 800
    idle: int = 60
    finished: int = 1_000_000
    waiting: int = 200_000
    scaled: int = 1600
    hanging: int = 100_000
    files: int = 200
    later_files: int = 25
    choices: int = 4
    screened: int = 2000
    sealed: int = 3000
    trail: int = 1_000_000

    @classmethod
    def quick(cls, rounds: int) -> Sizes:
        return cls(
            rounds,
            fast=2500,
            orders=1200,
            slow=1000,
            jobs=400,
            probe=150,
            bare=2000,
            enqueued=500,
            delayed=300,
            idle=25,
            finished=200_000,
            waiting=40_000,
            scaled=800,
            hanging=20_000,
            files=25,
            later_files=25,
            choices=2,
            screened=300,
            sealed=500,
            trail=100_000,
        )


@dataclass(slots=True)
class Bench:
    """What a measure gets."""

    house: House
    ours: Ours
    theirs: Theirs
    claims_database: str
    sizes: Sizes
    tunings: dict[str, Tuning] = field(default_factory=dict)


Figures = dict[str, tuple[float, dict[str, Any]]]
Run = Callable[[Bench], Figures]
Alone = Callable[[Sizes], Figures]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the table; measures that share a `run` are measured together."""

    key: str
    title: str
    unit: str
    goal: Goal
    run: Run | None = None
    alone: Alone | None = None
    """Instead of `run`: measures in this process and needs neither databases nor a partner."""


MEASURES: dict[str, Measure] = {}


def measure(key: str, title: str, unit: str, goal: Goal) -> Callable[[Run], Run]:
    """Register a function that measures `key` (and, if applied again, other keys as well)."""

    def register(run: Run) -> Run:
        MEASURES[key] = Measure(key, title, unit, goal, run)
        return run

    return register


def measure_alone(key: str, title: str, unit: str, goal: Goal) -> Callable[[Alone], Alone]:
    """Register a function that measures `key` and needs nothing but the sizes."""

    def register(alone: Alone) -> Alone:
        MEASURES[key] = Measure(key, title, unit, goal, alone=alone)
        return alone

    return register
