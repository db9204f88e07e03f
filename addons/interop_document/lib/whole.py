"""A schema without references: each replaced by what it refers to, so that two can be compared."""

from collections.abc import Mapping
from typing import Any

from .fields import SchemaError, target

# Keywords that hold a schema, a list of schemas, or schemas by name (JSON Schema 2020-12 core, 10).
ONE = frozenset(
    {
        "items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames",
        "unevaluatedItems", "unevaluatedProperties", "contentSchema",
    }
)  # fmt: skip
LISTED = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})

# Keywords that say something to people and nothing about documents.
NOTES = frozenset(
    {
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "examples",
        "default",
        "deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType",
        "x-sensitivity", "x-expects", "x-code-list", "x-unit", "x-free-text", "x-kind",
        "x-source-of-truth", "x-business-key",
    }
)  # fmt: skip

# References whose meaning depends on the way that led there.
_DYNAMIC = frozenset(
    {"$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary"}
)

Schema = Mapping[str, Any] | bool


def whole(root: Mapping[str, Any]) -> Schema:
    """`root` with every reference replaced; `SchemaError` if one leads nowhere or in circles.

    What stands beside a reference holds as well as what it refers to; if it is more than words for
    people, both are put into an `allOf`.
    """
    return _whole(root, root, ())


def _whole(root: Mapping[str, Any], node: Any, trail: tuple[str, ...]) -> Schema:
    if isinstance(node, bool):
        return node
    if not isinstance(node, Mapping):
        raise SchemaError("A schema is an object, or true or false.")
    if node is not root and "$id" in node:
        raise SchemaError("A part of the schema has an $id of its own.")
    for keyword in _DYNAMIC.intersection(node):
        raise SchemaError(f"{keyword} is used.")
    made = {
        key: _value(root, key, inner, trail)
        for key, inner in node.items()
        if key not in ("$ref", "$defs")
    }
    if "$ref" not in node:
        return made
    reference = node["$ref"]
    if reference in trail:
        raise SchemaError(f"{reference} contains itself.")
    meant = _whole(root, target(root, reference), (*trail, reference))
    if isinstance(meant, Mapping) and NOTES.issuperset(made):
        return {**meant, **made}
    return {**made, "allOf": [meant, *made.get("allOf", ())]}


def _value(root: Mapping[str, Any], key: str, inner: Any, trail: tuple[str, ...]) -> Any:
    if key in ONE:
        return _whole(root, inner, trail)
    if key in LISTED and isinstance(inner, list):
        return [_whole(root, each, trail) for each in inner]
    if key in NAMED and isinstance(inner, Mapping):
        return {name: _whole(root, each, trail) for name, each in inner.items()}
    return inner
