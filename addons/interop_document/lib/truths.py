"""Who holds the truth of each field, as a document type's schema says, and what is compared.

The keyword `x-source-of-truth` (odoo, partner or shared) holds for a field and for all below it
that say nothing themselves, as `x-sensitivity` does. What the schema says at its root is the type's
default; a type that says nothing is shared: neither side's word counts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .fields import Field, SchemaError, resolve, walk_fields
from .sources import SHARED, TRUTHS

KEYWORD = "x-source-of-truth"

#: What kind of value a field holds, as far as tolerances go.
MONEY, NUMBER, DATE, OTHER = "money", "number", "date", "other"

# Fields that handlers compare with our own records, by code of the document type.
_COMPARED: dict[str, frozenset[str]] = {}


def truths(schema: Mapping[str, Any]) -> dict[str, str]:
    """The truth of every field and group, by path, in document order; raises `SchemaError`."""
    root = resolve(schema, schema)
    above: dict[str, tuple[Mapping[str, Any], str]] = {
        "": (root, _stated(root, "The document", SHARED))
    }
    # walk_fields has refused what contains itself, so each field's group is known before it.
    for field in walk_fields(schema):
        group, inherited = above[field.path.rpartition(".")[0]]
        node = resolve(schema, group["properties"][field.name])
        truth = _stated(node, field.path, inherited)
        while "items" in node:
            node = resolve(schema, node["items"])
            truth = _stated(node, field.path, truth)
        above[field.path] = node, truth
    del above[""]
    return {path: truth for path, (_node, truth) in above.items()}


def _stated(node: Mapping[str, Any], path: str, inherited: str) -> str:
    truth = node.get(KEYWORD, inherited)
    if truth not in TRUTHS:
        raise SchemaError(f"{path}: {KEYWORD} must be one of {', '.join(TRUTHS)}.")
    return str(truth)


def value_kinds(fields: Iterable[Field]) -> dict[str, str]:
    """The kind of value of each leaf field, by path. A number beside a currency is money."""
    leaves = {field.path: field for field in fields if field.is_leaf}
    return {path: _value_kind(field, leaves) for path, field in leaves.items()}


def _value_kind(field: Field, leaves: Mapping[str, Field]) -> str:
    if field.type in ("number", "integer"):
        group = field.path.rpartition(".")[0]
        beside = f"{group}.currency" if group else "currency"
        return MONEY if field.type == "number" and beside in leaves else NUMBER
    return DATE if (field.type, field.format) == ("string", "date") else OTHER


def register_compared(document_type: str, *paths: str) -> None:
    """Say that a handler compares these fields with our own records and heeds rules for them."""
    _COMPARED[document_type] = _COMPARED.get(document_type, frozenset()) | frozenset(paths)


def compared(document_type: str) -> frozenset[str]:
    """The fields of that document type for which rules are heeded."""
    return _COMPARED.get(document_type, frozenset())
