"""Retry strategies: small objects that answer one question, "when again, if at all?"."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from odoo.addons.interop_base.lib.registry import Registry

# Only these say anything about a later try going better. All others need a person or a change.
RETRIED_CLASSES = frozenset({"transient", "throttled"})
# A throttle is the partner's wish and not our failure: it uses up no attempt.
UNCOUNTED_CLASSES = frozenset({"throttled"})


@dataclass(frozen=True, slots=True)
class Retry:
    """What went wrong this time, as far as a strategy needs to know."""

    failure_class: str
    attempts: int
    """Counted attempts so far, this one included."""
    age: float = 0.0
    """Seconds since the message was accepted."""
    retry_after: float | None = None
    """Seconds the partner asked us to wait, None if it did not say."""


@dataclass(frozen=True, slots=True)
class Exponential:
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

    base: float = 5.0
    cap: float = 6 * 3600.0
    factor: float = 2.0
    jitter: float = 0.2
    max_attempts: int = 12
    max_age: float = 3 * 24 * 3600.0
    code: str = "exponential"
    label: str = "Growing pauses (5 s to 6 h)"

    def delay(
        self, retry: Retry, uniform: Callable[[float, float], float] = random.uniform
    ) -> float | None:
        """Return the seconds to wait, or None if no further automatic try will help."""
        if retry.failure_class not in RETRIED_CLASSES or retry.age >= self.max_age:
            return None
        if retry.attempts >= self.max_attempts:
            return None
        pause = min(self.base * self.factor ** max(retry.attempts - 1, 0), self.cap)
        pause *= uniform(1 - self.jitter, 1 + self.jitter)
        if retry.retry_after is not None:
            # Never sooner than asked, spread to the later side only; but nobody parks us for ever.
            asked = min(retry.retry_after, self.cap) * uniform(1, 1 + self.jitter)
            pause = asked if retry.failure_class == "throttled" else max(pause, asked)
        return pause


@dataclass(frozen=True, slots=True)
class Never:
    """One try. For partners that must not be asked twice."""

    max_attempts: int = 1
    code: str = "none"
    label: str = "No automatic retry"

    def delay(self, retry: Retry) -> float | None:
        return None


Strategy = Exponential | Never
STRATEGIES: Registry[type[Strategy]] = Registry("retry strategy")
STRATEGIES.register("exponential", Exponential)
STRATEGIES.register("none", Never)


def make_strategy(code: str, max_attempts: int = 12) -> Strategy:
    """Build the strategy a flow's version names; raises ``UnknownCode`` for an unknown one."""
    chosen = STRATEGIES.get(code)
    return Never() if chosen is Never else Exponential(max_attempts=max(max_attempts, 1))
