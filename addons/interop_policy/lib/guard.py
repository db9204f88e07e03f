"""The last look at what is about to leave: nothing of it may point to a person unasked.

The policy decides by field; a person's name or number in a text that may leave is beyond it. The
guard looks at the values that are left, and masks what it finds or holds the document.

It must cost next to nothing when there is nothing to find: all texts are scouted as one, and only
those in which a scout saw something are looked at.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.plain import show_path

from .looks import ALL_KINDS, SENT, Identifier, Look, Tree, own_kind, plant
from .names import Names
from .sightings import Hints, Sighting, find, fold, label_of, mark_of, scout
from .templates import template

OFF, MASK, HOLD = "off", "mask", "hold"
MODES = {
    HOLD: "Hold the message for a person to decide",
    MASK: "Mask what is found and let it leave",
    OFF: "No last look",
}

_MOST_NAMED = 5
_LEAST_NUMBER = 10_000_000
# Between the texts that are scouted as one: part of no number, word or name.
_APART = "\0"


class Held(PolicyError):
    """The last look found something and the flow does not let it be masked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at one place of a document. Never the value."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A document after the last look, and what was masked in it."""

    body: dict[str, Any] = field(repr=False)
    findings: tuple[Finding, ...] = ()


class Guard:
    """The last look of one published flow. Immutable, safe to share between threads."""

    __slots__ = ("_everything", "_hints", "_hidden", "_kinds", "_sent", "_tree", "mode")

    def __init__(
        self,
        fields: Iterable[Field],
        decisions: Mapping[str, str],
        kinds: frozenset[str],
        *,
        mode: str = HOLD,
        templates: Iterable[str] = (),
        regions: Iterable[str] = (),
    ) -> None:
        """`decisions` are the policy's by path; `templates` the organisation's own patterns.

        Raises `PolicyError` for an unknown mode or kind and an unusable pattern.
        """
        if mode not in MODES or not kinds <= ALL_KINDS:
            raise PolicyError("The last look is not set up; publish the flow anew.")
        fields = tuple(fields)
        self.mode = mode
        self._kinds = kinds
        self._tree = plant(fields, decisions, kinds)
        self._everything = Look(kinds)
        countries = tuple(dict.fromkeys([*regions, "US"]))
        self._hints = Hints(
            regions=countries, templates=tuple(template(text) for text in templates)
        )
        named = [each.path for each in fields if each.is_leaf and own_kind(each) == "name"]
        self._sent = [_steps(path) for path in named if decisions.get(path) in SENT]
        self._hidden = [_steps(path) for path in named if decisions.get(path) not in SENT]

    def people(self, body: Mapping[str, Any]) -> Names:
        """The people of the whole document whose names the policy does not send."""
        if not self._hidden or "name" not in self._kinds:
            return _NOBODY
        hidden = set(_people(body, self._hidden))
        return Names(hidden - set(_people(body, self._sent))) if hidden else _NOBODY

    def look(self, body: dict[str, Any], names: Names, *, masking: bool = False) -> Looked:
        """`body`, screened, with what was found masked. Changes nothing.

        Raises `Held`, naming paths and kinds but never a value, when the guard holds, and for
        numbers, which cannot be masked. `masking`: a person decided that for once it masks.
        """
        return self._look(body, self._tree, names, frozenset(), masking)

    def look_mapped(
        self, body: dict[str, Any], names: Names, passed: dict[str, Any], *, masking: bool = False
    ) -> Looked:
        """The same for what a mapping made of `passed`: all but its values is looked at."""
        known: list[tuple[str, Look]] = []
        _gather(passed, self._everything, self._everything, known)
        texts = frozenset(text for text, _look in known)
        return self._look(body, self._everything, names, texts, masking)

    def _look(
        self,
        body: dict[str, Any],
        tree: Tree | Look,
        names: Names,
        known: frozenset[str],
        masking: bool,
    ) -> Looked:
        if self.mode == OFF:
            return Looked(body)
        gathered: list[tuple[str, Look]] = []
        _gather(body, tree, self._everything, gathered)
        if known:
            gathered = [each for each in gathered if each[0] not in known]
        found = self._find(gathered, replace(self._hints, names=names))
        if not found:
            return Looked(body)
        mask = _Masking(found, self._everything, MASK if masking else self.mode)
        masked = mask.mask(body, tree, [])
        if mask.held:
            raise Held(_sentence(mask.held))
        return Looked(masked, tuple(mask.findings))

    def _find(
        self, gathered: list[tuple[str, Look]], hints: Hints
    ) -> dict[tuple[str, Look], list[Sighting]]:
        """What was found, by text and look; texts in which nothing was are left out."""
        texts = [text for text, _look in gathered]
        folded = _APART.join(texts)
        if not folded.isascii():  # nearly all texts are, each by itself
            texts = [text if text.isascii() else fold(text) for text in texts]
            folded = _APART.join(texts)
        folded = folded.lower()
        lengths = map(len, texts)
        places = scout(folded, self._kinds, hints)
        if not places:
            return {}
        ends = list(accumulate(length + 1 for length in lengths))
        near: dict[tuple[str, Look], frozenset[str]] = {}
        for place, told in places:
            where = gathered[bisect_right(ends, place)]
            near[where] = near.get(where, told) | told
        found = {}
        for (text, look), told in near.items():
            sightings = find(text, look.kinds & told, replace(hints, bare=look.bare))
            if sightings:
                found[text, look] = sightings
        return found


_NOBODY = Names()


def _gather(value: Any, node: Any, strange: Look, into: list[tuple[str, Look]]) -> None:
    """The texts and long numbers below `value`, each with its look. `node` is a tree or a look."""
    kind = type(value)
    if kind is dict:
        if type(node) is dict:
            for name, inner in value.items():
                at = node.get(name, strange)
                if at.__class__ is Identifier:
                    at = at.of(inner, value)
                if at is None:
                    continue
                if type(inner) is str:
                    into.append((inner, at if at.__class__ is Look else strange))
                else:
                    _gather(inner, at, strange, into)
        else:
            for inner in value.values():
                _gather(inner, strange, strange, into)
    elif kind is list:
        for inner in value:
            _gather(inner, node, strange, into)
    else:
        text = _text(value)
        if text:
            into.append((text, node if node.__class__ is Look else strange))


def _text(value: Any) -> str:
    """A value as something to be looked at: texts, and numbers long enough to be somebody's."""
    kind = type(value)
    if kind is str:
        text: str = value
        return text
    if (kind is int or (kind is float and value.is_integer())) and abs(value) >= _LEAST_NUMBER:
        return str(abs(int(value)))
    return ""


class _Masking:
    """Builds the document anew, with places: the slow way, taken only when something was found."""

    def __init__(
        self, found: Mapping[tuple[str, Look], list[Sighting]], strange: Look, mode: str
    ) -> None:
        self.found = found
        self.strange = strange
        self.mode = mode
        self.findings: list[Finding] = []
        self.held: list[Finding] = []

    def mask(self, value: Any, node: Any, steps: list[str | int]) -> Any:
        if node is None:
            return value
        match value:
            case dict():
                tree = node if type(node) is dict else {}
                return {
                    name: self.mask(inner, self._at(tree, name, value), [*steps, name])
                    for name, inner in value.items()
                }
            case list():
                return [
                    self.mask(inner, node, [*steps, place]) for place, inner in enumerate(value)
                ]
        look = node if type(node) is Look else self.strange
        sightings = self.found.get((_text(value), look))
        if not sightings:
            return value
        findings = [Finding(show_path(steps), each.kind) for each in sightings]
        self.findings += findings
        if self.mode != MASK or type(value) is not str:
            self.held += findings
            return value
        return masked(value, sightings)

    def _at(self, tree: Tree, name: str, group: Mapping[str, Any]) -> Any:
        """The node of a member, as `_gather` takes it."""
        node = tree.get(name, self.strange)
        return node.of(group[name], group) if type(node) is Identifier else node


def masked(text: str, sightings: Iterable[Sighting]) -> str:
    """`text` with a mark in the place of each sighting; they must be in order."""
    pieces, place = [], 0
    for each in sightings:
        pieces += [text[place : each.start], mark_of(each.kind)]
        place = each.end
    return "".join([*pieces, text[place:]])


def _sentence(held: list[Finding]) -> str:
    found = list(dict.fromkeys(f"{each.path} ({label_of(each.kind)})" for each in held))
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return (
        f"The last look found what must not leave: {', '.join(found[:_MOST_NAMED])}{more}. Take it "
        "out of the record and redrive the message, or change the policy or the flow's last look."
    )


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.replace("[]", "").split("."))


_PARTS = (("first_name", "last_name"), ("given_name", "family_name"))


def _people(body: Mapping[str, Any], paths: list[tuple[str, ...]]) -> Iterable[str]:
    """The names at `paths`; first and last names of one group as one."""
    for *groups, last in paths:
        for group in _groups(body, groups):
            parts = next((pair for pair in _PARTS if last in pair), (last,))
            told = [group.get(part) for part in parts]
            words = [word for word in told if type(word) is str]
            if len(words) == len(parts):
                yield " ".join(words)
            elif type(group.get(last)) is list:
                yield from (word for word in group[last] if type(word) is str)


def _groups(value: Any, steps: list[str]) -> Iterable[Mapping[str, Any]]:
    if type(value) is list:
        for inner in value:
            yield from _groups(inner, steps)
    elif isinstance(value, dict):
        if not steps:
            yield value
        elif steps[0] in value:
            yield from _groups(value[steps[0]], steps[1:])
