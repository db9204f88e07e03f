"""Whose word counts for a field, and what happens when a partner's document says something else.

Pure: in go both values and the rule that holds for the field, out comes a decision with a reason. A
reason never holds a value. Whatever is in doubt (no rule, values that cannot be compared, a value
that is missing) is a question for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
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

    def facts(self) -> dict[str, str | int]:
        """The limits that are given, as plain JSON for evidence and digests."""
        limits = (
            ("amount", self.amount),
            ("currency", self.currency),
            ("percent", self.percent),
            ("days", self.days),
        )
        return {
            name: limit if isinstance(limit, int | str) else f"{limit:f}"
            for name, limit in limits
            if limit is not None
        }


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
class Scoped:
    """A rule with what it holds for. `key` tells rules apart; 0 stands for any company, partner."""

    key: int
    path: str
    rule: Rule
    company: int = 0
    partner: int = 0


def in_force(rules: Iterable[Scoped], company: int, partner: int) -> dict[str, Scoped]:
    """The rule that holds for each path: the most specific one, a partner before a company.

    Of two that are equally specific neither holds: nobody can say which was meant, so a person
    decides.
    """
    found: dict[str, list[Scoped]] = {}
    for rule in rules:
        if rule.company in (0, company) and rule.partner in (0, partner):
            found.setdefault(rule.path, []).append(rule)
    held = {}
    for path, candidates in found.items():
        highest = max(map(_rank, candidates))
        best = [rule for rule in candidates if _rank(rule) == highest]
        if len(best) == 1:
            held[path] = best[0]
    return held


def _rank(rule: Scoped) -> tuple[bool, bool]:
    return bool(rule.partner), bool(rule.company)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one field, and why, as a sentence without values."""

    outcome: str
    why: str


def decide(
    path: str,
    ours: Value,
    theirs: Value,
    rule: Rule | None,
    currency: str | None = None,
    base: Decimal | None = None,
) -> Decision:
    """Decide about the field at `path`; `currency` is that of both values if they are money.

    Percent are of our value, or of `base` where our value is no measure (nothing was to come late,
    of a hundred pieces ordered). Where Odoo holds the truth a partner's value is never applied,
    whatever the rule says. A tolerance in another currency says nothing about how large the
    difference is, so what the rule does beyond its tolerance is not done either.
    """
    if _same(ours, theirs):
        return Decision(EQUAL, f"{path}: both say the same.")
    if rule is None:
        return Decision(ASK, f"{path}: they differ and no rule says whose value counts.")
    if _kind(ours) == _kind(theirs) == "number" and _foreign(rule.tolerance, currency):
        return Decision(ASK, f"{path}: they differ; the rule's tolerance is in another currency.")
    if _tolerated(ours, theirs, rule.tolerance, base):
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


def _foreign(tolerance: Tolerance, currency: str | None) -> bool:
    return tolerance.amount is not None and tolerance.currency != currency


def _tolerated(ours: Value, theirs: Value, tolerance: Tolerance, base: Decimal | None) -> bool:
    if _kind(ours) != _kind(theirs):
        return False
    if isinstance(ours, date) and isinstance(theirs, date) and not isinstance(ours, datetime):
        return tolerance.days is not None and abs((theirs - ours).days) <= tolerance.days
    if _kind(ours) != "number":
        return False
    mine, other = Decimal(ours), Decimal(theirs)  # type: ignore[arg-type]
    whole = mine if base is None else base
    if not (mine.is_finite() and other.is_finite() and whole.is_finite()):
        return False
    off, held = abs(other - mine), []
    if tolerance.amount is not None:
        held.append(off <= tolerance.amount)
    if tolerance.percent is not None:
        held.append(off * 100 <= abs(whole) * tolerance.percent)
    return bool(held) and all(held)
