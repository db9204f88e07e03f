"""What differs between two published texts, told field by field.

Snapshots are plain JSON. Two of them are compared as people think of them: a policy's rules belong
together by their path and a mapping's rows by their target, wherever they stand in the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from .canonical import canonical_json

Kind = Literal["added", "removed", "changed", "moved"]

#: What an element of a list is known by, the first that all elements have as a text.
KEYS: Final = ("path", "target", "purpose", "code", "name")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `path`: names from the outside inwards; elements of lists by their name or,
    without one, by their place from 1. `before` and `after` are values; None where there is none.
    `moved`: the same elements in another order; the values are the names in their order."""

    path: tuple[str, ...]
    kind: Kind
    before: Any = None
    after: Any = None

    @property
    def where(self) -> str:
        """The path as one text: ``policy › rules › lines[].price › action``."""
        return " › ".join(self.path)


def changes(before: Any, after: Any) -> list[Change]:
    """All differences from `before` to `after`, both plain JSON, in the order of their paths.

    Empty if and only if both have the same canonical text: ``1``, ``1.0`` and ``true`` differ.
    """
    return list(_changes(before, after, ()))


def _changes(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    match before, after:
        case dict(), dict():
            yield from _of_names(before, after, path)
        case list(), list():
            yield from _of_lists(before, after, path)
        case _:
            if canonical_json(before) != canonical_json(after):
                yield Change(path, "changed", before, after)


def _of_names(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        inner = (*path, name)
        if name not in after:
            yield Change(inner, "removed", before=before[name])
        elif name not in before:
            yield Change(inner, "added", after=after[name])
        else:
            yield from _changes(before[name], after[name], inner)


def _of_lists(
    before: Sequence[Any], after: Sequence[Any], path: tuple[str, ...]
) -> Iterator[Change]:
    if not all(isinstance(each, dict) for each in (*before, *after)):
        # Short lists of texts or numbers, such as required names: read best as a whole.
        if canonical_json(list(before)) != canonical_json(list(after)):
            yield Change(path, "changed", list(before), list(after))
        return
    key = next(
        (k for k in KEYS if all(isinstance(each.get(k), str) for each in (*before, *after))), None
    )
    old, new = _named(before, key), _named(after, key)
    yield from _of_names(old, new, path)
    kept_old = [name for name in old if name in new]
    kept_new = [name for name in new if name in old]
    if kept_old != kept_new:
        yield Change(path, "moved", kept_old, kept_new)


def _named(elements: Sequence[Mapping[str, Any]], key: str | None) -> dict[str, Any]:
    """The elements by name. The second of one name is told as ``name (2)``, and so on."""
    found: dict[str, Any] = {}
    for place, element in enumerate(elements, start=1):
        name = element[key] if key else str(place)
        unique, number = name, 1
        while unique in found:
            number += 1
            unique = f"{name} ({number})"
        found[unique] = element
    return found
