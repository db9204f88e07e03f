"""Hypothesis strategies: any JSON, and documents that are valid for a document type's schema."""

import copy
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from odoo.addons.interop_document.lib.fields import resolve
from odoo.addons.interop_document.lib.gs1 import GTIN_LENGTHS, check_digit

# Documents are large and machines may be busy: time is no reason to fail.
PROFILE = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

# No control characters: `$` of Python's patterns matches before a final newline, others' does not.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | TEXT
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def _digits(length: int) -> st.SearchStrategy[str]:
    body = st.text("0123456789", min_size=length - 1, max_size=length - 1)
    return body.map(lambda digits: digits + check_digit(digits))


_FORMATS = {
    "gtin": st.sampled_from(sorted(GTIN_LENGTHS)).flatmap(_digits),
    "gln": _digits(13),
    "sscc": _digits(18),
    "udi-di": _digits(14) | st.from_regex(r"\+[A-Z][0-9A-Z]{6,20}", fullmatch=True),
    "date": st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(str),
    "date-time": st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 31)).map(
        lambda at: f"{at.replace(microsecond=0).isoformat()}Z"
    ),
}


_BUILT: dict[int, tuple[Mapping[str, Any], st.SearchStrategy[Any]]] = {}


def documents(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A document that is valid for `schema`: what is required, and any of the rest."""
    if id(schema) not in _BUILT:  # large schemas take long to build
        _BUILT[id(schema)] = (schema, _value(schema, schema))
    return _BUILT[id(schema)][1]


def _value(root: Mapping[str, Any], node: Any) -> st.SearchStrategy[Any]:
    node = resolve(root, node)
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node["type"]:
        case "object":
            members = {name: _value(root, inner) for name, inner in node["properties"].items()}
            return _group(node, members)
        case "array":
            return _list(root, node)
        case "string":
            return _text(node)
        case "boolean":
            return st.booleans()
        case kind:
            return _number(node, whole=kind == "integer")


@st.composite
def _group(draw: st.DrawFn, node: Mapping[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    """What is required, one of what `anyOf` asks for, and what `then` asks for if `if` holds."""
    required = list(node.get("required", ()))
    if "anyOf" in node:
        required += draw(st.sampled_from(node["anyOf"]))["required"]
    fixed = {name: members[name] for name in required}
    optional = {name: inner for name, inner in members.items() if name not in fixed}
    drawn = draw(st.fixed_dictionaries(fixed, optional=optional))
    if "if" in node and all(
        drawn.get(name) in rule.get("enum", (rule.get("const"),))
        for name, rule in node["if"]["properties"].items()
    ):
        for name in node["then"].get("required", ()):
            drawn.setdefault(name, draw(members[name]))
    return drawn


def _list(root: Mapping[str, Any], node: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    key = node.get("x-unique-by")
    unique = (lambda entry: entry[key]) if key else str if node.get("uniqueItems") else None
    return st.lists(
        _value(root, node["items"]),
        min_size=max(1, node.get("minItems", 0)),
        max_size=3 if "properties" not in resolve(root, node["items"]) else 2,
        unique_by=unique,
    )


def _text(node: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "format" in node:
        return _FORMATS[node["format"]]
    if "pattern" in node:
        return st.from_regex(node["pattern"].removesuffix("$"), fullmatch=True, alphabet=_ASCII)
    alphabet = st.characters(exclude_categories=("Cs", "Cc"))
    return st.text(alphabet, min_size=node.get("minLength", 0), max_size=min(40, node["maxLength"]))


_ASCII = st.characters(min_codepoint=33, max_codepoint=126)


def _number(node: Mapping[str, Any], whole: bool) -> st.SearchStrategy[int | float]:
    low, high = node.get("minimum", -1000), min(node.get("maximum", 10**6), 10**6)
    above = node.get("exclusiveMinimum")
    if whole:
        return st.integers(int(low), int(high))
    low = max(low, low if above is None else above + 1)
    return st.integers(int(low), int(high)) | st.floats(low, high, allow_nan=False)


@st.composite
def mutations(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """`document` with one to four places changed: removed, replaced, added or repeated."""
    mutated = copy.deepcopy(document)
    for _round in range(draw(st.integers(1, 4))):
        container, key = draw(st.sampled_from(list(_places(mutated))))
        match draw(st.sampled_from(("remove", "replace", "nudge", "add", "repeat"))):
            case "remove":
                del container[key]
            case "replace":
                container[key] = draw(JSON)
            case "nudge":
                container[key] = draw(st.sampled_from(_near(container[key])))
            case "add" if isinstance(container, dict):
                container[draw(TEXT)] = draw(SCALARS)
            case "repeat" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
        if not mutated:
            break
    return mutated


def _places(value: Any) -> Any:
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _near(value: Any) -> list[Any]:
    """Values close to `value`: where limits are crossed by one."""
    match value:
        case bool() | None:
            return [not value, str(value)]
        case int() | float():
            return [0, -1, value + 1, -value, value + 0.5, str(value)]
        case str():
            return [value[:-1], value + "0", value.upper(), value[::-1], " " + value, ""]
        case list():
            return [[], value[:1], dict(enumerate_text(value))]
        case _:
            return [{}, list(value.values()), None]


def enumerate_text(values: list[Any]) -> list[tuple[str, Any]]:
    return [(str(place), value) for place, value in enumerate(values)]
