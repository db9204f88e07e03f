"""The rules of a policy as plain values, and how a published version writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError

from .conditions import Condition


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: which fields (see `paths`), what happens to them, and when.

    `pattern` and `parameter` mean what the action says they mean (see `actions`). A rule with
    `purpose` or `company` is for flows of that purpose or company only.
    """

    path: str
    action: str
    pattern: str | None = None
    reason: str | None = None
    parameter: str | None = None
    reversible: bool = False
    """A token that is to be turned back when the partner returns it."""
    purpose: str | None = None
    company: int | None = None
    conditions: tuple[Condition, ...] = ()

    def covers(self, other: "Rule") -> bool:
        """Whether this rule holds whenever `other` does."""
        return (
            self.purpose in (None, other.purpose)
            and self.company in (None, other.company)
            and set(self.conditions) <= set(other.conditions)
        )

    @property
    def when(self) -> str:
        """The conditions in words, empty if there are none."""
        return "; ".join(map(str, self.conditions))


# Written in every snapshot, as from the beginning; the others only if they say something.
_ALWAYS = ("path", "action", "pattern")
_EXTRA = ("parameter", "reversible", "purpose", "company")


def rule_facts(rule: Rule) -> dict[str, Any]:
    """What a snapshot says of a rule. A rule that uses nothing new reads as it always did."""
    facts: dict[str, Any] = {name: getattr(rule, name) for name in _ALWAYS}
    facts |= {name: getattr(rule, name) for name in _EXTRA if getattr(rule, name)}
    if rule.conditions:
        facts["conditions"] = [
            {"path": each.path, "operator": each.operator, "values": list(each.values)}
            for each in rule.conditions
        ]
    return facts


def rules_of(snapshot: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a policy's snapshot; anything unexpected in it is a `PolicyError`."""
    try:
        return tuple(_rule(facts) for facts in snapshot["rules"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise PolicyError("The policy's published rules cannot be read; publish it anew.") from None


_KINDS = {
    field.name: str if "str" in str(field.type) else int
    for field in fields(Rule)
    if field.name not in ("conditions", "reversible")
}


def _rule(facts: Mapping[str, Any]) -> Rule:
    given = dict(facts)
    conditions = tuple(
        Condition(**{**each, "values": tuple(each.get("values", ()))})
        for each in given.pop("conditions", ())
    )
    for condition in conditions:
        if not all(isinstance(each, str) for each in (condition.path, *condition.values)):
            raise TypeError("a condition is made of texts")
    rule = Rule(**given, conditions=conditions)
    for name, kind in _KINDS.items():
        value = getattr(rule, name)
        if value is not None and not isinstance(value, kind):
            raise TypeError(name)
    if not isinstance(rule.reversible, bool):
        raise TypeError("reversible")
    return rule
