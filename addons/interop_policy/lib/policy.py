"""What a document may show to a connector, decided field by field.

Rules are compiled once against the document type's fields and all that is known of the way a
document goes (`Frame`); then `screen` walks a document once and builds a new one that holds only
what was decided to be shown. A field that no rule names is not shown, and neither is one that the
document type does not know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from .actions import ACTIONS, Action, Frame, require_known
from .conditions import Condition, Test, make_test
from .context import Context, Token
from .guard import Finding
from .paths import Rank, fields_named, rank
from .redact import can_find
from .rules import Rule, rule_facts, rules_of
from .tree import Blocked, Group, Leaf, Options, Planter, Run, build

__all__ = [
    "ABOVE_CLEARANCE", "ACTIONS", "BLOCKED", "DEPENDS", "DROP", "MASK", "NO_RULE", "NOT_MET",
    "OUTSIDE_REGION", "SEND", "CompiledPolicy", "Context", "Decision", "Frame", "Rule", "Screened",
    "Token", "cap_of", "compile_policy", "decision_labels", "fields_named", "require_known",
    "rule_facts", "rules_of", "screen",
]  # fmt: skip

SEND, DROP, MASK = "send", "drop", "mask"
NO_RULE = "no_rule"
NOT_MET = "not_met"
ABOVE_CLEARANCE = "above_clearance"
OUTSIDE_REGION = "outside_region"
BLOCKED = "blocked"
DEPENDS = "depends"

_OTHER_DECISIONS = {
    NO_RULE: "Dropped: no rule names it",
    NOT_MET: "Dropped: no rule for it holds",
    ABOVE_CLEARANCE: "Dropped: above the connector's clearance",
    OUTSIDE_REGION: "Dropped: must not leave to the connector's region",
    BLOCKED: "Stops the message: required, but must not leave",
    DEPENDS: "Depends on the document",
}


def decision_labels() -> dict[str, str]:
    """What people read for each decision."""
    return {code: each.outcome for code, each in ACTIONS} | _OTHER_DECISIONS


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one field, and the rule's path that decided it ("" if none did)."""

    decision: str
    rule: str = ""
    pattern: str | None = None
    when: str = ""
    """The conditions under which, in words; empty if it is always so (or otherwise)."""

    @property
    def leaves(self) -> bool:
        """Whether something about the field leaves."""
        return self.decision in ACTIONS and ACTIONS.get(self.decision).leaves


@dataclass(frozen=True, slots=True)
class Screened:
    """A document as it may be shown, and what was decided about the fields that it had."""

    body: dict[str, Any] = field(repr=False)
    decisions: dict[str, int]
    """Number of values per decision; decisions that did not occur are left out."""
    fields: tuple[tuple[str, str], ...]
    """(path, decision) of each field that occurred; paths are the document type's, never values."""
    tokens: tuple[Token, ...] = ()
    """Each value that was replaced by a token, in document order, with those that come back."""
    findings: tuple[Finding, ...] = ()
    """What the last look masked afterwards; empty before it."""


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy ready to be applied. Immutable, safe to share between threads."""

    root: Group
    decided: Mapping[str, Decision]
    slots: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    alternatives: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    """For each field that is decided as `depends`: its decisions, the first that holds counts."""
    tests: tuple[Test, ...] = ()
    keyed: bool = False
    """Screening needs `Context.mac`."""
    keyless: tuple[str, ...] = ()
    """Fields that are to be encrypted although there is no recipient's key."""

    @property
    def named(self) -> int:
        """How many fields of the document type a rule names."""
        return sum(1 for decision in self.decided.values() if decision.rule)

    @property
    def coverage(self) -> float:
        """Named fields as a share of all, from 0 to 1."""
        return self.named / len(self.decided) if self.decided else 0.0

    @property
    def leaving(self) -> int:
        """How many fields leave in some form, at least for some documents."""
        return sum(
            any(each.leaves for each in self.alternatives.get(path, (decision,)))
            for path, decision in self.decided.items()
        )


def compile_policy(
    rules: Iterable[Rule], sensitivities: Mapping[str, Sensitivity], frame: Frame
) -> CompiledPolicy:
    """Check `rules` against the fields of a document type and fix the decision for each field.

    The most specific path wins. Of several rules with one path those for another purpose or company
    than the frame's are left out, and the first whose conditions hold wins; if none does, nothing
    of the field leaves. `warnings` tells where a rule says more than clearance and residency let
    happen. Raises `PolicyError`, naming the path, for what cannot be meant.
    """
    by_path: dict[str, list[Rule]] = {}
    for rule in rules:
        require_known(rule)
        by_path.setdefault(rule.path, []).append(rule)
    winners: dict[str, tuple[Rank, str]] = {}
    for path, ruled in by_path.items():
        _require_distinct(ruled)
        for leaf in fields_named(path, sensitivities):
            winners[leaf] = max(winners.get(leaf, ((-1, 0), "")), (rank(path), path))
    compiler = _Compiler(sensitivities, frame)
    for ruled in by_path.values():
        # Also those that are for another company: what cannot be meant is said at once.
        compiler.check_conditions(ruled)
    for leaf in sensitivities:
        path = winners[leaf][1] if leaf in winners else ""
        compiler.decide(leaf, by_path.get(path, []), path)
    root, slots = build(compiler.planned, NO_RULE)
    return CompiledPolicy(
        root,
        compiler.decided,
        slots,
        tuple(compiler.warnings),
        compiler.alternatives,
        tuple(compiler.tests.values()),
        compiler.keyed,
        tuple(compiler.keyless),
    )


def screen(
    compiled: CompiledPolicy, body: Mapping[str, Any], context: Context | None = None
) -> Screened:
    """`body` as the policy lets it be seen. Changes nothing and forgets nothing.

    Groups left empty vanish; entries of a list stay (possibly empty) as long as one of them shows
    something, so that they keep their places. A value that is not what the document type says (a
    group where a text belongs) is dropped like an unknown field.

    Raises `PolicyError`, with path and rule but never a value, for a field that is refused,
    required and missing, or cannot be encrypted, and when a policy with tokens gets no keys.
    """
    context = context or _NO_CONTEXT
    if compiled.keyed and context.mac is None:
        raise PolicyError("The policy makes tokens or digests, and there is no key for them.")
    hits = [0] * len(compiled.slots)
    run = Run(context, [test(body) for test in compiled.tests])
    shown = compiled.root.screen(body, hits, run)
    decisions: dict[str, int] = {}
    fields: list[tuple[str, str]] = []
    for slot, count in zip(compiled.slots, hits, strict=True):
        if count:
            fields.append(slot)
            decisions[slot[1]] = decisions.get(slot[1], 0) + count
    shown = shown if isinstance(shown, dict) else {}
    return Screened(shown, decisions, tuple(fields), tuple(run.tokens))


_NO_CONTEXT = Context()


def cap_of(rule: Rule, sensitivity: Sensitivity, frame: Frame) -> str:
    """The decision that overrules a rule for a field of that class, or "" if none does.

    * Above the clearance only what was masked, tokenised, hashed, generalised or encrypted leaves.
      A redacted text does not (detectors can miss something), and a secret in no form at all.
    * Outside the regions listed for its class nothing leaves that may still point to a person:
      tokens, digests and encrypted values do (they are pseudonymous, GDPR art. 4(5)), fixed values,
      full masks and what Safe Harbor lets leave do not.
    """
    action = ACTIONS.get(rule.action)
    if not action.derives:
        return ""
    if sensitivity > frame.clearance and (not action.lowers or sensitivity is Sensitivity.secret):
        return ABOVE_CLEARANCE
    if action.identifies(action.pattern_of(rule)) and not frame.residency.admits(sensitivity):
        return OUTSIDE_REGION
    return ""


def _require_distinct(ruled: list[Rule]) -> None:
    """Several rules with one path must differ in when they hold, or one of them is a mistake."""
    for place, rule in enumerate(ruled):
        for earlier in ruled[:place]:
            if earlier.covers(rule) and rule.covers(earlier):
                raise PolicyError(f"{rule.path}: two rules name this path. Keep one of them.")
            if earlier.covers(rule):
                raise PolicyError(
                    f"{rule.path}: a rule never gets its turn, because one before it holds "
                    "whenever it does. Put the more special rule first."
                )


class _Compiler:
    """Gathers what is decided while the fields are gone through one by one."""

    def __init__(self, sensitivities: Mapping[str, Sensitivity], frame: Frame) -> None:
        self.sensitivities = sensitivities
        self.frame = frame
        self.decided: dict[str, Decision] = {}
        self.alternatives: dict[str, tuple[Decision, ...]] = {}
        self.planned: dict[str, Options] = {}
        self.tests: dict[Condition, Test] = {}
        self.warnings: list[str] = []
        self.keyless: list[str] = []
        self.keyed = False

    def check_conditions(self, ruled: list[Rule]) -> None:
        for rule in ruled:
            for condition in rule.conditions:
                make_test(condition, self.sensitivities)

    def decide(self, leaf: str, ruled: list[Rule], path: str) -> None:
        """Decide about the field `leaf`, for which the rules with `path` are the nearest."""
        found: list[Decision] = []
        options: Options = []
        for rule in ruled:
            if not self._is_meant(rule):
                continue
            decision, planter = self._apply(rule, leaf)
            found.append(decision)
            options.append((self._needs(rule), decision.decision, planter))
            if not rule.conditions:
                break
        if not options or options[-1][0]:
            last = Decision(NOT_MET, path) if path else Decision(NO_RULE)
            found.append(last)
            options.append(((), last.decision, Leaf))
        self.planned[leaf] = options
        if len(found) == 1:
            self.decided[leaf] = found[0]
        else:
            self.decided[leaf] = Decision(DEPENDS, path)
            self.alternatives[leaf] = tuple(found)

    def _is_meant(self, rule: Rule) -> bool:
        return rule.purpose in (None, self.frame.purpose) and rule.company in (
            None,
            self.frame.company,
        )

    def _needs(self, rule: Rule) -> tuple[int, ...]:
        for condition in rule.conditions:
            if condition not in self.tests:
                self.tests[condition] = make_test(condition, self.sensitivities)
        places = list(self.tests)
        return tuple(places.index(condition) for condition in rule.conditions)

    def _apply(self, rule: Rule, leaf: str) -> tuple[Decision, Planter]:
        action, frame = ACTIONS.get(rule.action), self.frame
        sensitivity = self.sensitivities[leaf]
        cap = cap_of(rule, sensitivity, frame)
        if cap:
            warning = _warn(leaf, rule, action, sensitivity, frame, cap)
            self.warnings.append(warning)
            if action.demands:
                return Decision(BLOCKED, rule.path, when=rule.when), partial(
                    Blocked, sentence=warning
                )
            return Decision(cap, rule.path, when=rule.when), Leaf
        self.keyed |= action.keyed
        if action.code == "encrypt" and frame.encrypt is None:
            self.keyless.append(leaf)
        if action.code == "redact" and not can_find():
            self.warnings.append(
                f"{leaf}: no detector is installed, so nothing of the text is shown."
            )
        decision = Decision(action.code, rule.path, action.pattern_of(rule), rule.when)
        return decision, action.planter(rule, leaf, frame)


def _warn(
    path: str, rule: Rule, action: Action, sensitivity: Sensitivity, frame: Frame, cap: str
) -> str:
    through = "" if rule.path == path else f" (through {rule.path})"
    what = "the message stops" if action.demands else "it is dropped"
    if cap == OUTSIDE_REGION:
        region = frame.residency.region
        where = f"the connector's region {region}" if region else "a connector without a region"
        return (
            f"{path}{through}: a rule lets it leave, but it is {sensitivity.name} and must not "
            f"leave to {where} in a form that points to a person, so {what}. Drop it, or mask it "
            "fully, or list the region in the company's settings."
        )
    remedy = "Drop it" if sensitivity is Sensitivity.secret else "Mask or drop it"
    return (
        f"{path}{through}: a rule lets it leave, but it is {sensitivity.name} and the connector is "
        f"cleared for {frame.clearance.name} only, so {what}. {remedy}, or raise the clearance."
    )
