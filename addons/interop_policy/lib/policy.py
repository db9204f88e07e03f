"""What a document may show to a connector, decided field by field.

Rules are compiled once against the document type's fields and the connector's clearance; then
`screen` walks a document once and builds a new one that holds only what was decided to be shown. A
field that no rule names is not shown, and neither is one that the document type does not know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from .mask import MASKS
from .tree import Node, Show, as_is, build

SEND = "send"
DROP = "drop"
MASK = "mask"
NO_RULE = "no_rule"
ABOVE_CLEARANCE = "above_clearance"

ACTIONS = {SEND: "Send", DROP: "Drop", MASK: "Mask"}
DECISIONS = {
    SEND: "Sent",
    MASK: "Masked",
    DROP: "Dropped by a rule",
    NO_RULE: "Dropped: no rule names it",
    ABOVE_CLEARANCE: "Dropped: above the connector's clearance",
}

DEFAULT_MASK = "full"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a field's path (`lines[].item.gtin`) or all fields of a group (`ship_to.*`)."""

    path: str
    action: str
    pattern: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one field, and the rule's path that decided it ("" if none did)."""

    decision: str
    rule: str = ""
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """A document as it may be shown, and what was decided about the fields that it had."""

    body: dict[str, Any]
    decisions: dict[str, int]
    """Number of values per decision; decisions that did not occur are left out."""
    fields: tuple[tuple[str, str], ...]
    """(path, decision) of each field that occurred; paths are the document type's, never values."""


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy ready to be applied. Immutable, safe to share between threads."""

    root: Node
    decided: Mapping[str, Decision]
    slots: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]

    @property
    def named(self) -> int:
        """How many fields of the document type a rule names."""
        return sum(1 for decision in self.decided.values() if decision.rule)

    @property
    def coverage(self) -> float:
        """Named fields as a share of all, from 0 to 1."""
        return self.named / len(self.decided) if self.decided else 0.0


def rules_of(snapshot: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a policy's snapshot; anything unexpected in it is a `PolicyError`."""
    try:
        return tuple(Rule(**rule) for rule in snapshot["rules"])
    except (KeyError, TypeError):
        raise PolicyError("The policy's published rules cannot be read; publish it anew.") from None


def compile_policy(
    rules: Iterable[Rule], sensitivities: Mapping[str, Sensitivity], clearance: Sensitivity
) -> CompiledPolicy:
    """Check `rules` against the fields of a document type and fix the decision for each field.

    The most specific rule wins: a field's own path before its group's `.*`. A `send` of a field
    above `clearance` drops it, and so does a `mask` of a secret one; `warnings` tells where. Raises
    `PolicyError`, naming the path, for an unknown action, mask or path and a path named twice.
    """
    by_path: dict[str, Rule] = {}
    covered: dict[str, Rule] = {}
    for rule in rules:
        if rule.path in by_path:
            raise PolicyError(f"{rule.path}: two rules name this path. Keep one of them.")
        require_known(rule)
        by_path[rule.path] = rule
        for path in fields_named(rule.path, sensitivities):
            if path == rule.path or path not in covered:
                covered[path] = rule
    decided: dict[str, Decision] = {}
    warnings: list[str] = []
    for path, sensitivity in sensitivities.items():
        decided[path] = decision = _decide(covered.get(path), sensitivity, clearance)
        if decision.decision == ABOVE_CLEARANCE:
            warnings.append(_warn(path, covered[path], sensitivity, clearance))
    root, slots = build({p: (d.decision, _show(d)) for p, d in decided.items()}, NO_RULE)
    return CompiledPolicy(root, decided, slots, tuple(warnings))


def require_known(rule: Rule) -> None:
    """Return if the rule's action and mask exist and fit together, else raise `PolicyError`."""
    if rule.action not in ACTIONS:
        known = ", ".join(ACTIONS)
        raise PolicyError(f"{rule.path}: unknown action; known are {known}.")
    if rule.action == MASK:
        if rule.pattern is not None and rule.pattern not in MASKS:
            known = ", ".join(MASKS)
            raise PolicyError(f"{rule.path}: unknown mask; known are {known}.")
    elif rule.pattern is not None:
        raise PolicyError(f"{rule.path}: only a mask has a pattern.")


def fields_named(path: str, sensitivities: Mapping[str, Sensitivity]) -> list[str]:
    """The fields that a rule's path names: itself, or those directly in a group for `group.*`.

    >>> fields_named("a.*", {"a.b": Sensitivity.public, "a.c.d": Sensitivity.public})
    ['a.b']
    """
    if path in sensitivities:
        return [path]
    if path == "*" or path.endswith(".*"):
        prefix = path[:-1]
        leaves = [
            leaf
            for leaf in sensitivities
            if leaf.startswith(prefix) and "." not in leaf[len(prefix) :]
        ]
        if leaves:
            return leaves
        raise PolicyError(f"{path}: the document type has no field directly in this group.")
    if any(leaf.startswith((f"{path}.", f"{path}[].")) for leaf in sensitivities):
        raise PolicyError(
            f"{path}: names a group of fields. Name each field, or {path}.* for all directly in it."
        )
    close = get_close_matches(path, sensitivities, n=1)
    hint = f" Is {close[0]} meant?" if close else ""
    raise PolicyError(f"{path}: the document type has no such field.{hint}")


def screen(compiled: CompiledPolicy, body: Mapping[str, Any]) -> Screened:
    """`body` as the policy lets it be seen. Changes nothing, raises nothing, forgets nothing.

    Groups left empty vanish; entries of a list stay (possibly empty) as long as one of them shows
    something, so that they keep their places. A value that is not what the document type says (a
    group where a text belongs) is dropped like an unknown field.
    """
    hits = [0] * len(compiled.slots)
    shown = compiled.root.screen(body, hits)
    decisions: dict[str, int] = {}
    fields: list[tuple[str, str]] = []
    for slot, count in zip(compiled.slots, hits, strict=True):
        if count:
            fields.append(slot)
            decisions[slot[1]] = decisions.get(slot[1], 0) + count
    return Screened(shown if isinstance(shown, dict) else {}, decisions, tuple(fields))


def _decide(rule: Rule | None, sensitivity: Sensitivity, clearance: Sensitivity) -> Decision:
    if rule is None:
        return Decision(NO_RULE)
    above = sensitivity > clearance
    if rule.action == DROP:
        return Decision(DROP, rule.path)
    if rule.action == MASK:
        if above and sensitivity is Sensitivity.secret:
            return Decision(ABOVE_CLEARANCE, rule.path)
        return Decision(MASK, rule.path, rule.pattern or DEFAULT_MASK)
    return Decision(ABOVE_CLEARANCE if above else SEND, rule.path)


def _show(decision: Decision) -> Show:
    match decision.decision:
        case "send":
            return as_is
        case "mask":
            return MASKS[decision.pattern or DEFAULT_MASK]
        case _:
            return None


def _warn(path: str, rule: Rule, sensitivity: Sensitivity, clearance: Sensitivity) -> str:
    through = "" if rule.path == path else f" (through {rule.path})"
    remedy = "Drop it" if sensitivity is Sensitivity.secret else "Mask or drop it"
    return (
        f"{path}{through}: a rule lets it leave, but it is {sensitivity.name} and the connector is "
        f"cleared for {clearance.name} only, so it is dropped. {remedy}, or raise the clearance."
    )
