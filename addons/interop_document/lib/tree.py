"""A document type's fields as rows that a page shows as a tree."""

from collections.abc import Iterable, Mapping
from typing import Any

from .business_keys import KINDS
from .fields import Field


def field_tree(
    fields: Iterable[Field], truths: Mapping[str, str], keys: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One row per field, in document order; `parent` is the path of the group around it.

    `truths`: who holds the truth of each field, by path (see `truths.py`). `keys`: the kind of
    those that messages are found by (see `business_keys.py`).
    """
    rows: list[dict[str, Any]] = []
    around: list[str] = []
    for field in fields:
        del around[field.depth :]
        rows.append(
            {
                "path": field.path,
                "parent": around[-1] if around else "",
                "depth": field.depth,
                "leaf": field.is_leaf,
                "title": field.title,
                "description": field.description,
                "kind": "choice" if field.values else field.kind,
                "limits": field.limits,
                "unit": field.unit_word,
                "code_list": field.code_list,
                "values": list(field.values),
                "example": field.example,
                "required": field.required,
                "unique_by": field.unique_by,
                "sensitivity": field.sensitivity.name if field.is_leaf else "",
                "label": field.sensitivity.label if field.is_leaf else "",
                "truth": truths[field.path] if field.is_leaf else "",
                "found_by": KINDS.get(keys[field.path]).label if field.path in keys else "",
            }
        )
        around.append(field.path)
    return rows
