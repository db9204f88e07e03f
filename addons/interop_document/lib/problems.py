"""Turns a validator's finding into a sentence for people.

A sentence says where (in words: "line 3, quantity") and what would be right. It is made from the
schema alone: the value that was found never gets into it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .fields import SchemaError, resolve
from .plain import show_name, show_path

_FORMATS = {
    "date": "a date such as 2026-03-01",
    "date-time": "a date and time with time zone such as 2026-03-01T09:30:00Z",
    "gtin": "a GTIN of 8, 12, 13 or 14 digits with a right check digit",
    "gln": "a GLN of 13 digits with a right check digit",
    "sscc": "an SSCC of 18 digits with a right check digit",
    "udi-di": "a UDI device identifier; if it is all digits, with a right check digit",
}
_LIMITS = {
    "exclusiveMinimum": "must be greater than {}",
    "minimum": "must be at least {}",
    "exclusiveMaximum": "must be less than {}",
    "maximum": "must be at most {}",
    "multipleOf": "must be a multiple of {}",
}
_OTHERS = {
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minProperties": "must have at least {} fields",
    "maxProperties": "must have at most {} fields",
    "propertyNames": "has a field whose name is not allowed",
    "contains": "must have an entry of the kind that the document type prescribes",
    "falseSchema": "is not allowed here",
    "uniqueItems": "must not have the same entry twice",
}
_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a group of fields",
    "array": "a list",
    "null": "empty",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a document.

    `path` is exact and for programs (`lines[2].quantity`, counted from 0); `sentence` is complete
    and for people ("line 3, quantity: must be greater than 0", counted from 1).
    """

    path: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def make_problem(schema: Mapping[str, Any], steps: Sequence[str | int], what: str) -> Problem:
    """A problem at the place that `steps` lead to from the document's root."""
    where = ", ".join(words(schema, steps)) or "the document"
    return Problem(show_path(list(steps)), f"{where}: {what}")


def words(
    schema: Mapping[str, Any], steps: Sequence[str | int], start: Mapping[str, Any] | None = None
) -> list[str]:
    """The way to a place in words: titles of fields where known, list entries counted from 1.

    It begins at the part `start` of the schema, or at the document.
    """
    found: list[str] = []
    node: Mapping[str, Any] = schema if start is None else start
    for step in steps:
        if isinstance(step, int):
            node = _inner(schema, node, "items")
            noun = str(node.get("title", "entry"))
            if found:
                found.pop()
            found.append(f"{lower(noun)} {step + 1}")
        else:
            node = _inner(schema, node, "properties", step)
            title = node.get("title")
            found.append(lower(str(title)) if title else show_name(step))
    return found


def expected(
    keyword: str, limit: Any, node: Mapping[str, Any], root: Mapping[str, Any] | None = None
) -> str:
    """What would be right, for a keyword of the schema and its value.

    `node` is the part of the schema that says so; `root` the schema, for the titles of fields that
    are described elsewhere in it.
    """
    if keyword in ("minLength", "maxLength") and "pattern" in node:
        keyword = "pattern"  # which says more than the length, and says it once
    if keyword in _LIMITS:
        return _LIMITS[keyword].format(_number(limit))
    match keyword:
        case "type":
            return f"must be {type_words(limit if isinstance(limit, list) else [limit])}"
        case "minLength" if limit == 1:
            return "must not be empty"
        case "minItems" | "maxItems":
            side = "least" if keyword == "minItems" else "most"
            return f"must have at {side} " + ("one entry" if limit == 1 else f"{limit} entries")
        case "enum":
            return "must be one of " + ", ".join(_shown(value) for value in limit)
        case "const":
            return f"must be {_shown(limit)}"
        case "pattern" | "format":
            kind = _FORMATS.get(node.get("format", ""), "written as the document type prescribes")
            return f"must be {node.get('x-expects', kind)}"
        case "anyOf" | "oneOf" if names := _alternatives(limit):
            titles = [words(root or node, [name], node)[0] for name in names]
            least = "at least" if keyword == "anyOf" else "exactly"
            return f"needs {least} one of {', '.join(titles)}"
        case "anyOf" | "oneOf" | "not" | "contains" if "x-expects" in node:
            return f"must be {node['x-expects']}"
    return _OTHERS.get(keyword, "does not meet the rules of this document type").format(limit)


def _inner(root: Mapping[str, Any], node: Mapping[str, Any], *steps: str) -> Mapping[str, Any]:
    inner: Any = node
    for step in steps:
        inner = inner.get(step) if isinstance(inner, Mapping) else None
    try:
        return resolve(root, inner) if isinstance(inner, Mapping) else {}
    except SchemaError:
        return {}


def type_words(kinds: Sequence[str]) -> str:
    """Types of JSON Schema in words: "a number or empty"."""
    return " or ".join(_TYPES.get(kind, "something else") for kind in kinds)


def _alternatives(branches: Any) -> list[str]:
    """The fields of which one must be there, if that is all that `anyOf` or `oneOf` says."""
    names: list[str] = []
    for branch in branches if isinstance(branches, list) else ():
        if not isinstance(branch, Mapping) or set(branch) != {"required"}:
            return []
        if len(branch["required"]) != 1:
            return []
        names += branch["required"]
    return names


def lower(title: str) -> str:
    """ "Order number" as "order number", but "GTIN" as it is."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _shown(value: Any) -> str:
    """A value of the schema itself, as people write it."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _number(limit: Any) -> str:
    return f"{limit:,}".replace(",", " ") if isinstance(limit, int) else str(limit)
