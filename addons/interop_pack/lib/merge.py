"""Three ways: what a pack was, what it became, and what was changed locally meanwhile.

Pure. Each side is a table from the name of a piece to its value; a piece that is not there is not
in the table. Local changes are kept unless a person chooses the pack's.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

#: The pack changed it, nobody else did.
PACK = "pack"
#: It was changed here, the pack left it as it was.
LOCAL = "local"
#: Both changed it, to the same.
SAME = "same"
#: Both changed it, and not to the same.
CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Change(Generic[K]):
    """One piece that is not everywhere the same; None where it is not there."""

    key: K
    kind: str
    base: Any
    theirs: Any
    mine: Any


def compare(
    base: Mapping[K, Any], theirs: Mapping[K, Any], mine: Mapping[K, Any]
) -> list[Change[K]]:
    """What changed between `base` and `theirs`, and between `base` and `mine`."""
    changes = []
    for key in dict.fromkeys([*theirs, *mine, *base]):
        was, becomes, here = base.get(key), theirs.get(key), mine.get(key)
        if was == becomes == here:
            continue
        if becomes == here:
            kind = SAME
        elif was == here:
            kind = PACK
        elif was == becomes:
            kind = LOCAL
        else:
            kind = CONFLICT
        changes.append(Change(key, kind, was, becomes, here))
    return changes


def merge(
    base: Mapping[K, Any], theirs: Mapping[K, Any], mine: Mapping[K, Any], take: Collection[K]
) -> dict[K, Any]:
    """`mine` with the pack's new value for those of `take` that the pack changed.

    The order is the pack's; what only is here stands where it stood, behind the same neighbour.
    """
    chosen = {
        change.key
        for change in compare(base, theirs, mine)
        if change.kind in (PACK, CONFLICT) and change.key in take
    }
    values = {
        key: theirs.get(key) if key in chosen else mine.get(key)
        for key in _in_order(list(theirs), list(mine))
    }
    return {key: value for key, value in values.items() if value is not None}


def _in_order(theirs: list[K], mine: list[K]) -> list[K]:
    known = set(theirs)
    behind: dict[K | None, list[K]] = {}
    last: K | None = None
    for key in mine:
        if key in known:
            last = key
        else:
            behind.setdefault(last, []).append(key)
    order = list(behind.get(None, ()))
    for key in theirs:
        order += [key, *behind.get(key, ())]
    return order
