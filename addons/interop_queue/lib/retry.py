"""Retry strategies: small objects that answer one question, "when again, if at all?"."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from odoo.addons.interop_base.lib.registry import Registry

# Only these say anything about a later try going better. All others need a person or a change.
RETRIED_CLASSES = frozenset({"transient", "throttled"})
# A throttle is the partner's wish and not our failure: it uses up no attempt.
UNCOUNTED_CLASSES = frozenset({"throttled"})
# The longest that pauses grow, and the longest that a partner can make us wait.
LONGEST_PAUSE = 6 * 3600.0

MAX_ATTEMPTS = 12
MAX_HOURS = 72
PAUSE_MINUTES = 15

Uniform = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Retry:
    """What went wrong this time, as far as a strategy needs to know."""

    failure_class: str
    attempts: int
    """Counted attempts so far, this one included."""
    age: float = 0.0
    """Seconds since the message was accepted, or since a person let it run again."""
    retry_after: float | None = None
    """Seconds the partner asked us to wait, None if it did not say."""


class Strategy(Protocol):
    code: ClassVar[str]
    label: ClassVar[str]

    @property
    def max_attempts(self) -> int: ...

    def delay(self, retry: Retry, uniform: Uniform = random.uniform) -> float | None:
        """Return the seconds to wait, or None if no further automatic try will help."""
        ...

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Strategy:
        """Make one from the settings of a flow, as a published version has them."""
        ...


@dataclass(frozen=True, slots=True)
class _Limits:
    """When to give up, and how much of a partner's wish to grant."""

    max_attempts: int = MAX_ATTEMPTS
    max_age: float = MAX_HOURS * 3600.0
    jitter: float = 0.2

    def pause(self, retry: Retry) -> float:
        """The pause before the next try, without jitter."""
        raise NotImplementedError

    def delay(self, retry: Retry, uniform: Uniform = random.uniform) -> float | None:
        if retry.failure_class not in RETRIED_CLASSES or retry.attempts >= self.max_attempts:
            return None
        pause = self.pause(retry) * uniform(1 - self.jitter, 1 + self.jitter)
        if retry.retry_after is not None:
            # Never sooner than asked, spread to the later side only; but nobody parks us for ever.
            asked = min(retry.retry_after, LONGEST_PAUSE) * uniform(1, 1 + self.jitter)
            pause = asked if retry.failure_class == "throttled" else max(pause, asked)
        # A try that would come too late is not waited for: better a person knows now.
        return None if retry.age + pause > self.max_age else pause


@dataclass(frozen=True, slots=True)
class Exponential(_Limits):
    """First ``base`` seconds, doubled each time up to ``cap``, spread by ``jitter`` both ways.

    >>> [round(Exponential(jitter=0).delay(Retry("transient", n)) or 0) for n in (1, 2, 3, 4)]
    [5, 10, 20, 40]
    >>> Exponential(max_attempts=3).delay(Retry("transient", 3)) is None
    True
    >>> Exponential(jitter=0).delay(Retry("throttled", 0, retry_after=90.0))
    90.0
    >>> Exponential().delay(Retry("data", 1)) is None
    True
    """

    code: ClassVar[str] = "exponential"
    label: ClassVar[str] = "Growing pauses (5 s to 6 h)"
    base: float = 5.0
    cap: float = LONGEST_PAUSE
    factor: float = 2.0

    def pause(self, retry: Retry) -> float:
        # The exponent is bounded, as a float is; the cap is reached long before.
        return min(self.base * self.factor ** min(max(retry.attempts - 1, 0), 64), self.cap)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Exponential:
        return cls(max_attempts=_attempts(settings), max_age=_age(settings))


@dataclass(frozen=True, slots=True)
class Fixed(_Limits):
    """The same pause before each try.

    >>> [Fixed(every=600, jitter=0).delay(Retry("transient", n)) for n in (1, 2, 11, 12)]
    [600.0, 600.0, 600.0, None]
    """

    code: ClassVar[str] = "fixed"
    label: ClassVar[str] = "Always the same pause"
    every: float = PAUSE_MINUTES * 60.0
    jitter: float = 0.05

    def pause(self, retry: Retry) -> float:
        return self.every

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Fixed:
        minutes = int(settings.get("retry_pause_minutes", PAUSE_MINUTES))
        return cls(
            max_attempts=_attempts(settings),
            max_age=_age(settings),
            every=max(minutes, 1) * 60.0,
        )


@dataclass(frozen=True, slots=True)
class Never:
    """One try. For partners that must not be asked twice."""

    code: ClassVar[str] = "none"
    label: ClassVar[str] = "No automatic retry"
    max_attempts: int = 1

    def delay(self, retry: Retry, uniform: Uniform = random.uniform) -> float | None:
        return None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Never:
        return cls()


STRATEGIES: Registry[type[Strategy]] = Registry("retry strategy")
STRATEGIES.register(Exponential.code, Exponential)
STRATEGIES.register(Fixed.code, Fixed)
STRATEGIES.register(Never.code, Never)


def make_strategy(settings: Mapping[str, Any]) -> Strategy:
    """Build the strategy that a flow's settings name; raises ``UnknownCode`` for an unknown one."""
    return STRATEGIES.get(settings["retry_strategy"]).of(settings)


def _attempts(settings: Mapping[str, Any]) -> int:
    return max(int(settings.get("retry_max_attempts", MAX_ATTEMPTS)), 1)


def _age(settings: Mapping[str, Any]) -> float:
    return max(int(settings.get("retry_max_hours", MAX_HOURS)), 1) * 3600.0


@dataclass(frozen=True, slots=True)
class Try:
    """One line of the schedule: seconds, with the middle of what jitter may do."""

    number: int
    pause: float
    elapsed: float


def schedule(strategy: Strategy) -> list[Try]:
    """All tries of a message that meets one temporary failure after the other.

    >>> [(t.number, t.pause, t.elapsed) for t in schedule(Exponential(max_attempts=4))]
    [(1, 0.0, 0.0), (2, 5.0, 5.0), (3, 10.0, 15.0), (4, 20.0, 35.0)]
    >>> len(schedule(Fixed(max_attempts=100, every=3600, max_age=5 * 3600)))
    6
    >>> len(schedule(Never()))
    1
    """
    tries = [Try(1, 0.0, 0.0)]
    while True:
        last = tries[-1]
        failed = Retry("transient", last.number, age=last.elapsed)
        pause = strategy.delay(failed, lambda low, high: (low + high) / 2)
        if pause is None:
            return tries
        tries.append(Try(last.number + 1, pause, last.elapsed + pause))
