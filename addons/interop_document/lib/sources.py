"""Whose word counts for a field, and what happens when a partner's document says something else.

Pure: in go both values and the rule that holds for the field, out comes a decision with a reason. A
reason never holds a value. Whatever is in doubt (no rule, values that cannot be compared, a value
that is missing) is a question for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

#: Who holds the truth of a field.
ODOO, PARTNER, SHARED = "odoo", "partner", "shared"
TRUTHS = (ODOO, PARTNER, SHARED)

#: Outcomes; the last three are also what a rule can ask for on a difference.
EQUAL, WITHIN_TOLERANCE, APPLY, KEEP, ASK = "equal", "within tolerance", "apply", "keep", "ask"
ON_DIFFERENCE = (APPLY, KEEP, ASK)

Value = Decimal | int | date | str | bool | None


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a value may be off. Of amount and percent that are both given, both must hold."""

    amount: Decimal | None = None
    """In `currency`; for quantities and other plain numbers both sides have no currency."""
    currency: str | None = None
    percent: Decimal | None = None
    """Of our value."""
    days: int | None = None
    """Earlier or later, whole days."""

    def __post_init__(self) -> None:
        for limit in (self.amount, self.percent, self.days):
            if limit is not None and not (Decimal(limit).is_finite() and limit >= 0):
                raise ValueError("A tolerance is a number that is zero or more.")


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one field."""

    truth: str = SHARED
    on_difference: str = ASK
    tolerance: Tolerance = Tolerance()

    def __post_init__(self) -> None:
        if self.truth not in TRUTHS:
            raise ValueError("Choose odoo, partner or shared as the source of truth.")
        if self.on_difference not in ON_DIFFERENCE:
            raise ValueError("Choose apply, keep or ask for what happens on a difference.")


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one field, and why, as a sentence without values."""

    outcome: str
    why: str


def decide(
    path: str, ours: Value, theirs: Value, rule: Rule | None, currency: str | None = None
) -> Decision:
    """Decide about the field at `path`; `currency` is that of both values if they are money.

    Where Odoo holds the truth a partner's value is never applied, whatever the rule says.
    """
    if _same(ours, theirs):
        return Decision(EQUAL, f"{path}: both say the same.")
    if rule is None:
        return Decision(ASK, f"{path}: they differ and no rule says whose value counts.")
    if _tolerated(ours, theirs, rule.tolerance, currency):
        return Decision(WITHIN_TOLERANCE, f"{path}: the difference is within the tolerance.")
    if rule.on_difference == KEEP:
        return Decision(KEEP, f"{path}: they differ; the rule keeps our value.")
    if rule.on_difference == ASK:
        return Decision(ASK, f"{path}: they differ; the rule leaves it to a person.")
    if rule.truth == ODOO:
        return Decision(ASK, f"{path}: they differ, and Odoo holds the truth: decide by hand.")
    if theirs is None or (ours is not None and _kind(ours) != _kind(theirs)):
        return Decision(ASK, f"{path}: the partner's value is missing or of another kind.")
    if isinstance(theirs, Decimal) and not theirs.is_finite():
        return Decision(ASK, f"{path}: the partner's value is not a number.")
    return Decision(APPLY, f"{path}: they differ; the rule takes the partner's value.")


def _kind(value: Value) -> str:
    # A bool is an int and a datetime a date for Python; neither may pass for the other here.
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def _same(ours: Value, theirs: Value) -> bool:
    return _kind(ours) == _kind(theirs) and ours == theirs


def _tolerated(ours: Value, theirs: Value, tolerance: Tolerance, currency: str | None) -> bool:
    if _kind(ours) != _kind(theirs):
        return False
    if isinstance(ours, date) and isinstance(theirs, date) and not isinstance(ours, datetime):
        return tolerance.days is not None and abs((theirs - ours).days) <= tolerance.days
    if _kind(ours) != "number":
        return False
    mine, other = Decimal(ours), Decimal(theirs)  # type: ignore[arg-type]
    if not (mine.is_finite() and other.is_finite()):
        return False
    off, held = abs(other - mine), []
    if tolerance.amount is not None:
        # An amount in another currency says nothing about this difference.
        held.append(tolerance.currency == currency and off <= tolerance.amount)
    if tolerance.percent is not None:
        held.append(off * 100 <= abs(mine) * tolerance.percent)
    return bool(held) and all(held)
