"""Which fields of a document type a rule's path names.

======================  ============================================================
`lines[].item.gtin`     one field; `[]` is any entry of a list
`ship_to.*`             the fields directly in a group (`*`: of the document itself)
`ship_to.**`            every field below a group (`**`: of the whole document)
======================  ============================================================

Where several name a field the most specific wins: its own path, then `.*` of its group, then the
`.**` of the nearest group around it.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError

# The higher, the more specific.
Rank = tuple[int, int]


def fields_named(path: str, known: Mapping[str, Any]) -> list[str]:
    """The fields among `known` that `path` names. Raises `PolicyError` if there are none.

    >>> fields_named("a.*", {"a.b": 1, "a.c.d": 1}), fields_named("a.**", {"a.b": 1, "a.c.d": 1})
    (['a.b'], ['a.b', 'a.c.d'])
    """
    if path in known:
        return [path]
    for mark in ("**", "*"):
        if path == mark or path.endswith(f".{mark}"):
            return _below(path, path.removesuffix(mark), mark == "**", known)
    if any(leaf.startswith((f"{path}.", f"{path}[].")) for leaf in known):
        raise PolicyError(
            f"{path}: names a group of fields. Name each field, or {path}.* for all directly in "
            f"it, or {path}.** for all below it."
        )
    close = get_close_matches(path, known, n=1)
    hint = f" Is {close[0]} meant?" if close else ""
    raise PolicyError(f"{path}: the document type has no such field.{hint}")


def _below(path: str, prefix: str, deep: bool, known: Mapping[str, Any]) -> list[str]:
    leaves = [
        leaf
        for leaf in known
        if leaf.startswith(prefix) and (deep or "." not in leaf[len(prefix) :])
    ]
    if leaves:
        return leaves
    where = "below this group" if deep else "directly in this group"
    listed = f"{prefix.removesuffix('.')}[]."
    hint = f" Is {listed}{path[len(prefix) :]} meant?" if prefix and _any(listed, known) else ""
    raise PolicyError(f"{path}: the document type has no field {where}.{hint}")


def _any(prefix: str, known: Iterable[str]) -> bool:
    return any(leaf.startswith(prefix) for leaf in known)


def rank(path: str) -> Rank:
    """How specific a path is. Two paths of one rank never name the same field.

    >>> rank("a.b") > rank("a.*") > rank("a.**") > rank("**")
    True
    """
    if path == "**" or path.endswith(".**"):
        return 0, path.count(".")
    return (1 if path == "*" or path.endswith(".*") else 2), 0
