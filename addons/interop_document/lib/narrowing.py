"""Why a document that is valid under one schema may not be valid under another.

Each rule of the second schema must follow from the first; where it does not there is a gap. The
proof is sound and not complete: no gap means that every document passes, a gap that one may not.
Both schemas are whole (see `whole`). Keywords: JSON Schema 2020-12, validation, section 6.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .problems import expected, lower, type_words
from .schema import compile_rules
from .whole import NOTES, Schema

_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")

# With these beside them other keywords mean something else; such parts must be equal.
_KNIT = frozenset(
    {"patternProperties", "prefixItems", "unevaluatedItems", "unevaluatedProperties", "$ref"}
)
# Rules that only ever take documents away, each by itself. Leaving one out refuses nothing new.
_APART = frozenset(
    {"allOf", "anyOf", "oneOf", "not", "dependentSchemas", "dependentRequired", "propertyNames"}
)
# Keywords that mean something together only; without the first the others mean nothing.
_TOGETHER = (("if", "then", "else"), ("contains", "minContains", "maxContains"))

_OBJECT = ("properties", "required", "additionalProperties", "minProperties", "maxProperties")
_ARRAY = ("items", "minItems", "maxItems", "uniqueItems", "x-unique-by")
_STRING = ("minLength", "maxLength", "pattern", "format")
_NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_UNDERSTOOD = frozenset(
    ("type", "enum", "const", *_OBJECT, *_ARRAY, *_STRING, *_NUMBER)
    + tuple(name for names in _TOGETHER for name in names)
)


@dataclass(frozen=True, slots=True)
class Gap:
    """One rule that a valid document may break, in words for either direction of time."""

    path: str
    words: tuple[str, ...]
    since: str
    """What is wrong if the second schema is the newer one."""
    until: str
    """What is wrong if the second schema is the older one."""


@dataclass(frozen=True, slots=True)
class _Place:
    path: str = ""
    words: tuple[str, ...] = ()

    def member(self, name: str, *nodes: Schema) -> "_Place":
        title = next((n["title"] for n in nodes if isinstance(n, Mapping) and "title" in n), None)
        word = lower(str(title)) if title else name
        return _Place(f"{self.path}.{name}" if self.path else name, (*self.words, word))

    def entry(self, *nodes: Schema) -> "_Place":
        nouns = (n["title"] for n in nodes if isinstance(n, Mapping) and "title" in n)
        word = f"each {lower(str(next(nouns, 'entry')))}"
        return _Place(f"{self.path}[]", (*self.words[:-1], word))

    def gap(self, since: str, until: str) -> Gap:
        return Gap(self.path, self.words, since, until)

    def rule(self, keyword: str, limit: Any, node: Mapping[str, Any]) -> Gap:
        must = expected(keyword, limit, node)
        return self.gap(f"{must} now", f"{must} in the old version and no longer in the new one")


def gaps(first: Schema, second: Schema) -> Iterator[Gap]:
    """Why a document that is valid under `first` may not be valid under `second`."""
    return _gaps(first, second, _Place())


def _gaps(first: Schema, second: Schema, place: _Place) -> Iterator[Gap]:
    if first is False or second is True or _same(first, second):
        return
    if second is False:
        yield place.gap("is not allowed any more", "was not allowed in the old version")
        return
    a: Mapping[str, Any] = {} if isinstance(first, bool) else first
    b: Mapping[str, Any] = {} if isinstance(second, bool) else second
    if _KNIT & (a.keys() | b.keys()):
        yield _unknown(place, sorted(_KNIT & (a.keys() | b.keys())))
        return
    values = _values(a)
    if values is not None:
        yield from _refused(values, b, place)
        return
    if "enum" in b or "const" in b:
        yield place.rule(*(("enum", b["enum"]) if "enum" in b else ("const", b["const"])), b)
        return
    yield from _types(a, b, place)
    possible = _possible(a)
    for kinds, check in _FAMILIES:
        if possible & kinds:
            yield from check(a, b, place)
    yield from _others(a, b, place)


def _refused(values: list[Any], b: Mapping[str, Any], place: _Place) -> Iterator[Gap]:
    rules = compile_rules(dict(b))
    for value in values:
        if not rules.is_valid(value):
            shown = json.dumps(value, ensure_ascii=False).strip('"')
            yield place.gap(
                f"{shown} is not allowed any more", f"{shown} is new, the old version refuses it"
            )


def _types(a: Mapping[str, Any], b: Mapping[str, Any], place: _Place) -> Iterator[Gap]:
    was, now = _possible(a), _possible(b)
    if "number" in now:
        now = now | {"integer"}
    if not was <= now:
        wide, narrow = (type_words(_listed(node)) for node in (a, b))
        yield place.gap(
            f"must be {narrow} now, {wide} was allowed",
            f"may be {wide} now, the old version takes only {narrow}",
        )


def _numbers(a: Mapping[str, Any], b: Mapping[str, Any], place: _Place) -> Iterator[Gap]:
    low, above = a.get("minimum"), a.get("exclusiveMinimum")
    high, below = a.get("maximum"), a.get("exclusiveMaximum")
    limit = b.get("minimum")
    held = {"minimum": _le(limit, low) or _le(limit, above)}
    limit = b.get("exclusiveMinimum")
    held["exclusiveMinimum"] = _le(limit, above) or _lt(limit, low)
    limit = b.get("maximum")
    held["maximum"] = _le(high, limit) or _le(below, limit)
    limit = b.get("exclusiveMaximum")
    held["exclusiveMaximum"] = _le(below, limit) or _lt(high, limit)
    held["multipleOf"] = _multiple(a.get("multipleOf"), b.get("multipleOf"))
    for keyword, follows in held.items():
        if keyword in b and not follows:
            yield place.rule(keyword, b[keyword], b)


def _strings(a: Mapping[str, Any], b: Mapping[str, Any], place: _Place) -> Iterator[Gap]:
    yield from _lengths(a, b, "minLength", "maxLength", place)
    for keyword in ("format", "pattern"):
        if keyword in b and not _same(a.get(keyword), b[keyword]):
            yield place.rule(keyword, b[keyword], b)


def _lengths(
    a: Mapping[str, Any], b: Mapping[str, Any], least: str, most: str, place: _Place, given: int = 0
) -> Iterator[Gap]:
    """`given`: how many there are at least for another reason."""
    if least in b and not (_le(b[least], a.get(least)) or _le(b[least], given)):
        yield place.rule(least, b[least], {})
    if most in b and not _le(a.get(most), b[most]):
        yield place.rule(most, b[most], {})


def _arrays(a: Mapping[str, Any], b: Mapping[str, Any], place: _Place) -> Iterator[Gap]:
    yield from _lengths(a, b, "minItems", "maxItems", place)
    short = _le(a.get("maxItems"), 1)
    if b.get("uniqueItems") is True and a.get("uniqueItems") is not True and not short:
        yield place.rule("uniqueItems", True, b)
    key = b.get("x-unique-by")
    if key and key != a.get("x-unique-by"):
        yield place.gap(
            f"{key} must differ from entry to entry now", f"{key} may repeat, formerly it must not"
        )
    inner = a.get("items", True), b.get("items", True)
    yield from _gaps(*inner, place.entry(*inner))


def _objects(a: Mapping[str, Any], b: Mapping[str, Any], place: _Place) -> Iterator[Gap]:
    ours, theirs = a.get("properties", {}), b.get("properties", {})
    rest, allowed = a.get("additionalProperties", True), b.get("additionalProperties", True)
    needed = set(a.get("required", ()))
    yield from _lengths(a, b, "minProperties", "maxProperties", place, len(needed))
    for name in b.get("required", ()):
        if name not in needed:
            yield place.member(name, ours.get(name, {}), theirs.get(name, {})).gap(
                "is required and was not before", "may be missing and was required before"
            )
    for name in dict.fromkeys((*ours, *theirs)):
        mine, other = ours.get(name, rest), theirs.get(name, allowed)
        where = place.member(name, other, mine)
        if other is False and name not in theirs and mine is not False:
            yield where.gap(
                "is not a field any more, a document that has it is refused",
                "is a new field, which the old version refuses",
            )
        else:
            yield from _gaps(mine, other, where)
    if allowed is False and rest is not False:
        yield place.gap(
            "takes no further fields any more",
            "takes further fields now, which the old version refuses",
        )
    else:
        yield from _gaps(rest, allowed, place.member("*"))


def _others(a: Mapping[str, Any], b: Mapping[str, Any], place: _Place) -> Iterator[Gap]:
    """Rules that are not looked into: they must be the same, or gone where that takes nothing."""
    different = {
        keyword
        for keyword in (a.keys() | b.keys()) - _UNDERSTOOD - NOTES
        if not _both_same(a, b, keyword) and not (keyword in _APART and keyword not in b)
    }
    for names in _TOGETHER:
        if names[0] in b:
            different |= {name for name in names if not _both_same(a, b, name)}
    if different:
        yield _unknown(place, sorted(different))


def _unknown(place: _Place, keywords: list[str]) -> Gap:
    told = f"the rule {', '.join(keywords)} differs, and it cannot be told in which way"
    return place.gap(told, told)


_Check = Callable[[Mapping[str, Any], Mapping[str, Any], _Place], Iterator[Gap]]
_FAMILIES: tuple[tuple[frozenset[str], _Check], ...] = (
    (frozenset({"number", "integer"}), _numbers),
    (frozenset({"string"}), _strings),
    (frozenset({"array"}), _arrays),
    (frozenset({"object"}), _objects),
)


def _listed(node: Mapping[str, Any]) -> list[str]:
    stated = node.get("type", _TYPES[:4] + _TYPES[5:])
    return [stated] if isinstance(stated, str) else list(stated)


def _possible(node: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_listed(node))


def _values(node: Mapping[str, Any]) -> list[Any] | None:
    """All values that `node` can take, if they can be counted."""
    if "const" in node:
        values = [node["const"]]
    elif "enum" in node:
        values = list(node["enum"])
    elif _possible(node) <= {"boolean", "null"}:
        kinds = _possible(node)
        values = ([True, False] if "boolean" in kinds else []) + ([None] if "null" in kinds else [])
    else:
        return None
    # Lists may have rules of our own, which the values are not checked against.
    return None if any(isinstance(value, list | dict) for value in values) else values


def _same(one: Any, other: Any) -> bool:
    """Equal to the letter. In Python 1 equals true; here it does not."""
    return _text(one) == _text(other)


def _both_same(a: Mapping[str, Any], b: Mapping[str, Any], keyword: str) -> bool:
    return (keyword in a) == (keyword in b) and _same(a.get(keyword), b.get(keyword))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _le(one: Any, other: Any) -> bool:
    return _is_number(one) and _is_number(other) and bool(one <= other)


def _lt(one: Any, other: Any) -> bool:
    return _is_number(one) and _is_number(other) and bool(one < other)


def _multiple(of: Any, limit: Any) -> bool:
    whole = type(of) is int and type(limit) is int and limit > 0
    return _same(of, limit) or (whole and of % limit == 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
