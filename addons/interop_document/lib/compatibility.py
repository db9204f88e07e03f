"""Whether two versions of a document type can stand in for each other, and what breaks if not.

The question is one of sets: the new version is *backward* compatible if every document that is
valid under the old one is valid under the new one (who reads by the new version can read old
documents), and *forward* compatible the other way round (who still reads by the old version can
read new documents). Both are proved keyword by keyword. Where there is no proof the answer is no:
a keyword that is not understood, or two rules that only happen to mean the same, count as breaking.

Sensitivities are no rule for documents but one for people: a field that is less sensitive in the
new version may leave where it was kept back, so that always breaks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .fields import Field, SchemaError, walk_fields
from .narrowing import Gap, gaps
from .truths import truths
from .whole import whole


class Effect(StrEnum):
    """Whom a change concerns."""

    backward = "backward"
    """Who reads by the new version may refuse an old document."""
    forward = "forward"
    """Who reads by the old version may refuse a new document."""
    policy = "policy"
    """What policies kept back may leave."""
    note = "note"
    """Nobody's documents; good to know."""


class Verdict(StrEnum):
    """How the new version stands to the old one."""

    both = "both"
    backward = "backward"
    forward = "forward"
    breaking = "breaking"

    @property
    def sentence(self) -> str:
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.both: "Compatible both ways: either version reads the other's documents.",
    Verdict.backward: "Backward compatible: the new version reads all old documents. Move readers "
    "first, then writers.",
    Verdict.forward: "Forward compatible: the old version reads all new documents. Move writers "
    "first, then readers.",
    Verdict.breaking: "Breaking: move both sides at once, or keep both versions until all have "
    "moved.",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that somebody should know."""

    path: str
    """The field, as policies and mappings name it; empty for the document itself."""
    effect: Effect
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different between two versions, and what that means."""

    changes: tuple[Change, ...]

    @property
    def backward(self) -> bool:
        """Every old document is proved to be valid under the new version."""
        return not self.about(Effect.backward)

    @property
    def forward(self) -> bool:
        """Every new document is proved to be valid under the old version."""
        return not self.about(Effect.forward)

    @property
    def verdict(self) -> Verdict:
        if self.about(Effect.policy) or not (self.backward or self.forward):
            return Verdict.breaking
        if self.backward and self.forward:
            return Verdict.both
        return Verdict.backward if self.backward else Verdict.forward

    def about(self, effect: Effect) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.effect is effect)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """What changes from the schema `old` to the schema `new`, both usable by `compile_schema`."""
    try:
        before, after = whole(old), whole(new)
        changes = [
            *_as_changes(gaps(before, after), Effect.backward),
            *_as_changes(gaps(after, before), Effect.forward),
            *_fields(walk_fields(old), walk_fields(new)),
            *_truths(truths(old), truths(new)),
        ]
    except SchemaError as problem:
        told = f"The schemas cannot be compared: {problem}"
        changes = [Change("", effect, told) for effect in (Effect.backward, Effect.forward)]
    return Comparison(tuple(dict.fromkeys(changes)))


def _as_changes(found: Iterator[Gap], effect: Effect) -> Iterator[Change]:
    for gap in found:
        told = gap.since if effect is Effect.backward else gap.until
        place = ", ".join(gap.words) or "the document"
        yield Change(gap.path, effect, f"{place}: {told}")


def _fields(old: tuple[Field, ...], new: tuple[Field, ...]) -> Iterator[Change]:
    """Fields that came and went, and what changed in how sensitive they are."""
    before, after = ({field.path: field for field in fields} for fields in (old, new))
    for path, field in before.items():
        if path not in after:
            told = (
                "is not a field any more; rules of policies and rows of mappings that name it end"
            )
            yield Change(path, Effect.note, f"{path}: {told}")
        elif field.is_leaf and after[path].is_leaf:
            yield from _sensitivity(field, after[path])
    for path, field in after.items():
        if path not in before and field.is_leaf:
            told = f"is a new field ({field.title}, {field.sensitivity.name})"
            yield Change(path, Effect.note, f"{path}: {told}")


def _truths(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for path, truth in new.items():
        was = old.get(path, truth)
        if truth != was:
            told = f"the source of truth was {was} and is {truth}; look through its rules"
            yield Change(path, Effect.note, f"{path}: {told}")


def _sensitivity(old: Field, new: Field) -> Iterator[Change]:
    was, now = old.sensitivity, new.sensitivity
    if now < was:
        told = f"was {was.name} and is {now.name}; what policies kept back may leave"
        yield Change(new.path, Effect.policy, f"{new.path}: {told}")
    elif now > was:
        told = f"was {was.name} and is {now.name}; connectors that are not cleared for it lose it"
        yield Change(new.path, Effect.note, f"{new.path}: {told}")
