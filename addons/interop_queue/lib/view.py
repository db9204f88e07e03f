"""A document and what a policy makes of it, side by side, as people read it.

Both are walked together. Each value comes with the decision about its
field and the rule that decided. Whoever asks says which of the two sides may be told: what may not
be is left out here, so that no screen can show it by mistake.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.guard import Finding
from odoo.addons.interop_policy.lib.policy import NO_RULE, CompiledPolicy, Decision, Screened
from odoo.addons.interop_policy.lib.sightings import label_of

ABSENT: Any = object()
UNKNOWN = "A field that the document type does not know"

# What leaves as it is.
LEAVING = frozenset({"send", "require"})


@dataclass(frozen=True, slots=True)
class Looks:
    """Icon and colour of a decision; they only repeat what its label says."""

    css: str
    icon: str

    @property
    def leaves(self) -> bool:
        """The value leaves as it is."""
        return self.css == "o_interop_sent"


_LOOKS = {
    "send": Looks("o_interop_sent", "fa-check text-success"),
    "require": Looks("o_interop_sent", "fa-check text-success"),
    "drop": Looks("o_interop_dropped", "fa-times text-muted"),
    "not_met": Looks("o_interop_dropped", "fa-times text-muted"),
    NO_RULE: Looks("o_interop_unnamed", "fa-question-circle text-warning"),
    "above_clearance": Looks("o_interop_capped", "fa-exclamation-triangle text-danger"),
    "outside_region": Looks("o_interop_capped", "fa-exclamation-triangle text-danger"),
    "blocked": Looks("o_interop_capped", "fa-exclamation-triangle text-danger"),
    "refuse": Looks("o_interop_capped", "fa-exclamation-triangle text-danger"),
}
_CHANGED = Looks("o_interop_changed", "fa-eye-slash text-info")


def looks(decision: str) -> Looks:
    """How a decision looks: what is neither sent nor dropped leaves in another form."""
    return _LOOKS.get(decision, _CHANGED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, or a group or list of them. `clear` and `shown` are None when not to be told."""

    path: str
    """The document type's path: `lines[].item.gtin`."""
    place: str
    """Where in this document: `lines[2].item.gtin`."""
    title: str
    kind: str = ""
    sensitivity: str = ""
    decision: str = ""
    rule: str = ""
    pattern: str = ""
    when: str = ""
    """The conditions of the rule, in words."""
    found: str = ""
    """What the last look saw in it, in words: `Telephone number, E-mail address`."""
    hidden: bool = False
    """Nothing of the value is in the outcome."""
    clear: str | None = field(default=None, repr=False)
    shown: str | None = field(default=None, repr=False)
    children: tuple[Entry, ...] = ()

    @property
    def tally(self) -> Counter[str]:
        """Number of values per decision, here and below."""
        if not self.children:
            return Counter([self.decision] if self.decision else [])
        return sum((child.tally for child in self.children), Counter())

    def values(self) -> Iterator[Entry]:
        """The values themselves, in the document's order."""
        if not self.children:
            if self.decision:
                yield self
            return
        for child in self.children:
            yield from child.values()


def decisions_of(compiled: CompiledPolicy, screened: Screened) -> dict[str, Decision]:
    """What was decided about each field that occurred, and by which rule."""
    found = {}
    for path, code in screened.fields:
        candidates = (*compiled.alternatives.get(path, ()), compiled.decided.get(path))
        found[path] = next(
            (each for each in candidates if each and each.decision == code), Decision(code)
        )
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """A field about which two policies decide differently."""

    path: str
    here: str
    there: str


def differences_of(one: CompiledPolicy, other: CompiledPolicy) -> tuple[Difference, ...]:
    """Where `other` decides otherwise, in the document type's order."""
    return tuple(
        Difference(path, here.decision, there.decision)
        for path, here in one.decided.items()
        if (there := other.decided[path]) and _outcomes(one, path) != _outcomes(other, path)
    )


def _outcomes(compiled: CompiledPolicy, path: str) -> list[tuple[str, str | None, str]]:
    found = compiled.alternatives.get(path, (compiled.decided[path],))
    return [(each.decision, each.pattern, each.when) for each in found]


def entries_of(
    fields: Iterable[Field],
    body: Mapping[str, Any],
    screened: Screened,
    decided: Mapping[str, Decision],
    *,
    tell_clear: bool,
    tell_shown: bool,
) -> tuple[Entry, ...]:
    """The document's groups, lists and values, each with what became of it.

    In the document type's order, which people know, and not in that of the sealed text.
    """
    # What was seen in a value tells of it, so only who may see what leaves is told.
    findings = screened.findings if tell_shown else ()
    walk = _Walk(fields, decided, tell_clear, tell_shown, findings)
    return tuple(walk.group(body, screened.body, "", ""))


def only(entries: Iterable[Entry], wanted: str) -> tuple[Entry, ...]:
    """`entries` without the values that are not `wanted`: all, changed, dropped or unnamed."""
    kept = []
    for entry in entries:
        if entry.children:
            children = only(entry.children, wanted)
            if children:
                kept.append(_with(entry, children))
        elif _is_wanted(entry, wanted):
            kept.append(entry)
    return tuple(kept)


def _is_wanted(entry: Entry, wanted: str) -> bool:
    if not entry.decision:  # an empty group or list
        return wanted == "all"
    match wanted:
        case "changed":
            return not entry.hidden and entry.decision not in LEAVING
        case "dropped":
            return entry.hidden
        case "unnamed":
            return entry.decision == NO_RULE
        case _:
            return True


def _with(entry: Entry, children: tuple[Entry, ...]) -> Entry:
    return Entry(entry.path, entry.place, entry.title, entry.kind, children=children)


class _Walk:
    def __init__(
        self,
        fields: Iterable[Field],
        decided: Mapping[str, Decision],
        tell_clear: bool,
        tell_shown: bool,
        findings: Iterable[Finding] = (),
    ) -> None:
        self.found: dict[str, list[str]] = {}
        for finding in findings:
            self.found.setdefault(finding.path, []).append(label_of(finding.kind))
        self.members: dict[tuple[str, str], Field] = {}
        for each in fields:
            self.members[each.path.rpartition(".")[0], each.name] = each
        self.ranks = {key: rank for rank, key in enumerate(self.members)}
        self.decided = decided
        self.tell_clear = tell_clear
        self.tell_shown = tell_shown

    def group(self, body: Mapping[str, Any], shown: Any, path: str, place: str) -> Iterator[Entry]:
        shown = shown if isinstance(shown, dict) else {}
        for name in sorted(body, key=lambda name: self.ranks.get((path, name), len(self.ranks))):
            value, known = body[name], self.members.get((path, name))
            if known is None:
                yield self._stranger(value, path, place)
                continue
            inner = f"{place}.{name}" if place else name
            levels = (len(known.path) - len(known.path.rstrip("[]"))) // 2
            yield self._any(known, value, shown.get(name, ABSENT), inner, levels)

    def _any(self, known: Field, value: Any, shown: Any, place: str, levels: int) -> Entry:
        if levels:
            if not isinstance(value, list):
                return self._stranger(value, known.path, place, known)
            children = tuple(self._entries(known, value, shown, place, levels - 1))
            return Entry(known.path, place, known.title, "list", children=children)
        if isinstance(value, (dict, list)) == known.is_leaf or isinstance(value, list):
            return self._stranger(value, known.path, place, known)
        if known.is_leaf:
            return self._leaf(known, value, shown, place)
        children = tuple(self.group(value, shown, known.path, place))
        return Entry(known.path, place, known.title, "group", children=children)

    def _entries(
        self, known: Field, value: list[Any], shown: Any, place: str, levels: int
    ) -> Iterator[Entry]:
        # Groups keep their places in the outcome; of values those that are not shown are left out,
        # and all values of one field are decided alike.
        kept = iter(shown if isinstance(shown, list) else ())
        for number, inner in enumerate(value):
            scalar = not isinstance(inner, (dict, list))
            skipped = known.is_leaf and not levels and not scalar
            beside = ABSENT if skipped else next(kept, ABSENT)
            yield self._any(known, inner, beside, f"{place}[{number}]", levels)

    def _leaf(self, known: Field, value: Any, shown: Any, place: str) -> Entry:
        decision = self.decided.get(known.path, Decision(NO_RULE))
        return Entry(
            known.path,
            place,
            known.title,
            known.kind,
            known.sensitivity.label,
            decision.decision,
            decision.rule,
            decision.pattern or "",
            decision.when,
            ", ".join(dict.fromkeys(self.found.get(place, ()))),
            hidden=shown is ABSENT,
            clear=_text(value) if self.tell_clear else None,
            shown=_text(shown) if self.tell_shown and shown is not ABSENT else None,
        )

    def _stranger(self, value: Any, path: str, place: str, known: Field | None = None) -> Entry:
        """What does not belong here. Its name comes from outside and is not repeated."""
        beyond = "?" if known is None else ""
        return Entry(
            ".".join(filter(None, (path, beyond))),
            ".".join(filter(None, (place, beyond))),
            known.title if known else UNKNOWN,
            "not what the document type says",
            Sensitivity.secret.label,
            NO_RULE,
            hidden=True,
            clear=_text(value) if self.tell_clear else None,
        )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
