"""Decisions as a tree in the shape of the document, so that one walk screens it.

Each node counts what it met in a slot of its own: hits are a list of integers, which is the
cheapest thing to fill and keeps the nodes immutable.
"""

from collections.abc import Callable, Mapping
from typing import Any

_SCALARS = frozenset({str, int, float, bool, type(None)})

# What a node answers when nothing is to be shown (None is a value that may be shown).
NOTHING: Any = object()

# (path, decision): what a count stands for.
Slot = tuple[str, str]

# What is done with a field's value to show it; None shows nothing.
Show = Callable[[Any], Any] | None


class Node:
    """Screens one place of a document."""

    __slots__ = ("stranger",)

    def __init__(self, stranger: int) -> None:
        self.stranger = stranger  # the slot for what does not belong here

    def screen(self, value: Any, hits: list[int]) -> Any:
        raise NotImplementedError


class Leaf(Node):
    """A field of its own: shown as it is, shown masked, or not at all."""

    __slots__ = ("slot", "show")

    def __init__(self, stranger: int, slot: int, show: Show) -> None:
        super().__init__(stranger)
        self.slot = slot
        self.show = show

    def screen(self, value: Any, hits: list[int]) -> Any:
        if type(value) not in _SCALARS:
            hits[self.stranger] += 1
            return NOTHING
        hits[self.slot] += 1
        return NOTHING if self.show is None else self.show(value)


class Plain(Leaf):
    """A field that is shown as it is: apart because most fields are."""

    __slots__ = ()

    def screen(self, value: Any, hits: list[int]) -> Any:
        if type(value) in _SCALARS:
            hits[self.slot] += 1
            return value
        hits[self.stranger] += 1
        return NOTHING


class Group(Node):
    """An object: members are decided one by one, unknown ones are not shown."""

    __slots__ = ("members",)

    def __init__(self, stranger: int) -> None:
        super().__init__(stranger)
        self.members: dict[str, Node] = {}

    def screen(self, value: Any, hits: list[int]) -> Any:
        if type(value) is not dict:
            hits[self.stranger] += 1
            return NOTHING
        members = self.members
        shown = {}
        for name, inner in value.items():
            node = members.get(name)
            if node.__class__ is Plain:
                # Most fields are: what its own `screen` does, without the call.
                if type(inner) in _SCALARS:
                    hits[node.slot] += 1
                    shown[name] = inner
                else:
                    hits[node.stranger] += 1
                continue
            if node is None:
                hits[self.stranger] += 1
                continue
            kept = node.screen(inner, hits)
            if kept is not NOTHING:
                shown[name] = kept
        return shown or NOTHING


class Entries(Node):
    """A list: entries keep their places, unless none of them shows anything."""

    __slots__ = ("entry",)

    def __init__(self, stranger: int, entry: Node) -> None:
        super().__init__(stranger)
        self.entry = entry

    def screen(self, value: Any, hits: list[int]) -> Any:
        if type(value) is not list:
            hits[self.stranger] += 1
            return NOTHING
        screen = self.entry.screen
        shown = [screen(inner, hits) for inner in value]
        if all(kept is NOTHING for kept in shown):
            return NOTHING
        if isinstance(self.entry, Leaf):
            return [kept for kept in shown if kept is not NOTHING]
        return [{} if kept is NOTHING else kept for kept in shown]


def as_is(value: Any) -> Any:
    """The `Show` of a field that is shown unchanged."""
    return value


def build(decided: Mapping[str, tuple[str, Show]], unknown: str) -> tuple[Group, tuple[Slot, ...]]:
    """The tree for a decision and a `Show` per path, and what its slots stand for.

    What a document has beyond these paths is counted as decision `unknown` under the path `….?`:
    the name of such a field comes from outside and is not repeated.
    """
    slots: list[Slot] = [("?", unknown)]
    root = Group(0)
    for path, (decision, show) in decided.items():
        names = path.split(".")
        group = root
        for place, name in enumerate(names[:-1], start=1):
            group = _enter(group, name, ".".join(names[:place]), slots, unknown)
        slots.append((path, decision))
        kind = Plain if show is as_is else Leaf
        leaf = kind(group.stranger, len(slots) - 1, show)
        bare = names[-1].rstrip("[]")
        group.members[bare] = _wrap(leaf, names[-1], group.stranger)
    return root, tuple(slots)


def _enter(group: Group, name: str, path: str, slots: list[Slot], unknown: str) -> Group:
    """The group that `name` leads to, made when it is not there yet."""
    bare = name.rstrip("[]")
    node = group.members.get(bare)
    if node is None:
        slots.append((f"{path}.?", unknown))
        inner = Group(len(slots) - 1)
        group.members[bare] = _wrap(inner, name, inner.stranger)
        return inner
    while isinstance(node, Entries):
        node = node.entry
    if not isinstance(node, Group):
        raise ValueError(f"{path} is a field and a group at once")
    return node


def _wrap(node: Node, name: str, stranger: int) -> Node:
    """`node` inside as many lists as `name` has `[]`."""
    for _level in range(name.count("[]")):
        node = Entries(stranger, node)
    return node
