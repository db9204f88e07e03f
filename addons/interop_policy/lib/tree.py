"""Decisions as a tree in the shape of the document, so that one walk screens it.

Each node counts what it met in a slot of its own: hits are a list of integers, which is the
cheapest thing to fill and keeps the nodes immutable.
"""

from collections.abc import Callable, Mapping
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError

from .conditions import is_empty
from .context import Context, Token
from .tokens import scope_key

_SCALARS = frozenset({str, int, float, bool, type(None)})

# What a node answers when nothing is to be shown (None is a value that may be shown).
NOTHING: Any = object()

# (path, decision): what a count stands for.
Slot = tuple[str, str]


class Run:
    """What one walk over one document knows and gathers beside its counts."""

    __slots__ = ("context", "truths", "tokens", "keys")

    def __init__(self, context: Context, truths: list[bool]) -> None:
        self.context = context
        self.truths = truths
        self.tokens: list[Token] = []
        self.keys: dict[str, bytes] = {}

    def key(self, kind: str) -> bytes:
        """The key for tokens or digests of this document's partner and purpose."""
        key = self.keys.get(kind)
        if key is None:
            key = self.keys[kind] = scope_key(kind, self.context)
        return key


class Node:
    """Screens one place of a document."""

    __slots__ = ("stranger",)

    # Whether something at or below this place must be there.
    demanding = False

    def __init__(self, stranger: int) -> None:
        self.stranger = stranger  # the slot for what does not belong here

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        raise NotImplementedError

    def missing(self, run: Run) -> None:
        """Called if a document does not have this place: raises if it must."""


class Leaf(Node):
    """A field that is not shown. The other kinds of leaves show something of it."""

    __slots__ = ("slot",)

    def __init__(self, stranger: int, slot: int) -> None:
        super().__init__(stranger)
        self.slot = slot

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        hits[self.slot if type(value) in _SCALARS else self.stranger] += 1
        return NOTHING


class Plain(Leaf):
    """A field that is shown as it is: apart because most fields are."""

    __slots__ = ()

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        if type(value) in _SCALARS:
            hits[self.slot] += 1
            return value
        hits[self.stranger] += 1
        return NOTHING


class Shown(Leaf):
    """A field of which `show` makes what is shown."""

    __slots__ = ("show",)

    def __init__(self, stranger: int, slot: int, show: Callable[[Any], Any]) -> None:
        super().__init__(stranger, slot)
        self.show = show

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        if type(value) not in _SCALARS:
            hits[self.stranger] += 1
            return NOTHING
        hits[self.slot] += 1
        return self.show(value)


class Computed(Leaf):
    """The same, but what is shown depends on the run too (tokens and ages do)."""

    __slots__ = ("show",)

    def __init__(self, stranger: int, slot: int, show: Callable[[Any, Run], Any]) -> None:
        super().__init__(stranger, slot)
        self.show = show

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        if type(value) not in _SCALARS:
            hits[self.stranger] += 1
            return NOTHING
        hits[self.slot] += 1
        return self.show(value, run)


class Stop(Leaf):
    """A field that stops the message: `sentence` says why."""

    __slots__ = ("sentence",)

    def __init__(self, stranger: int, slot: int, sentence: str) -> None:
        super().__init__(stranger, slot)
        self.sentence = sentence

    def stop(self) -> None:
        raise PolicyError(self.sentence)


class Refused(Stop):
    """A field that must not be there. An empty one says nothing, so it is only left out."""

    __slots__ = ()

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        if not is_empty(value):
            self.stop()
        hits[self.slot] += 1
        return NOTHING


class Required(Stop):
    """A field that must be there, and is shown as it is."""

    __slots__ = ()
    demanding = True

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        if type(value) not in _SCALARS or is_empty(value):
            self.stop()
        hits[self.slot] += 1
        return value

    def missing(self, run: Run) -> None:
        self.stop()


class Blocked(Required):
    """A field that must be there but may not be shown: no document passes."""

    __slots__ = ()

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        self.stop()


class Choice(Node):
    """A field whose decision depends on the document: the first option that holds."""

    __slots__ = ("options", "demanding")

    def __init__(self, stranger: int, options: list[tuple[tuple[int, ...], Leaf]]) -> None:
        """`options`: which of the run's truths must hold, and the leaf for then. The last one
        needs none."""
        super().__init__(stranger)
        self.options = options
        self.demanding = any(leaf.demanding for _needs, leaf in options)

    def chosen(self, run: Run) -> Leaf:
        truths = run.truths
        for needs, leaf in self.options:
            if all(truths[each] for each in needs):
                return leaf
        raise AssertionError("the last option needs nothing")

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        return self.chosen(run).screen(value, hits, run)

    def missing(self, run: Run) -> None:
        self.chosen(run).missing(run)


class Group(Node):
    """An object: members are decided one by one, unknown ones are not shown."""

    __slots__ = ("members",)

    def __init__(self, stranger: int) -> None:
        super().__init__(stranger)
        self.members: dict[str, Node] = {}

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
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
            kept = node.screen(inner, hits, run)
            if kept is not NOTHING:
                shown[name] = kept
        return shown or NOTHING


class Demanding(Group):
    """A group in which something must be there: apart so that the others need not ask."""

    __slots__ = ("demanded",)
    demanding = True

    def __init__(self, group: Group, demanded: tuple[str, ...]) -> None:
        super().__init__(group.stranger)
        self.members = group.members
        self.demanded = demanded

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        there = value if type(value) is dict else ()
        for name in self.demanded:
            if name not in there:
                self.members[name].missing(run)
        return super().screen(value, hits, run)

    def missing(self, run: Run) -> None:
        for name in self.demanded:
            self.members[name].missing(run)


class Entries(Node):
    """A list: entries keep their places, unless none of them shows anything."""

    __slots__ = ("entry", "demanding")

    def __init__(self, stranger: int, entry: Node) -> None:
        super().__init__(stranger)
        self.entry = entry
        self.demanding = entry.demanding

    def screen(self, value: Any, hits: list[int], run: Run) -> Any:
        if type(value) is not list:
            hits[self.stranger] += 1
            self.missing(run)
            return NOTHING
        if not value:
            self.missing(run)
        screen = self.entry.screen
        shown = [screen(inner, hits, run) for inner in value]
        if all(kept is NOTHING for kept in shown):
            return NOTHING
        if isinstance(self.entry, Leaf | Choice):
            return [kept for kept in shown if kept is not NOTHING]
        return [{} if kept is NOTHING else kept for kept in shown]

    def missing(self, run: Run) -> None:
        if self.demanding:
            self.entry.missing(run)


# Makes a leaf that counts in the slots it is given: stranger's, own.
Planter = Callable[[int, int], Leaf]

# What to plant for a field: (truths needed, decision, planter), the last of which needs none.
Options = list[tuple[tuple[int, ...], str, Planter]]


def build(planned: Mapping[str, Options], unknown: str) -> tuple[Group, tuple[Slot, ...]]:
    """The tree for the options of each path, and what its slots stand for.

    What a document has beyond these paths is counted as decision `unknown` under the path `….?`:
    the name of such a field comes from outside and is not repeated.
    """
    slots: list[Slot] = [("?", unknown)]
    root = Group(0)
    for path, options in planned.items():
        names = path.split(".")
        group = root
        for place, name in enumerate(names[:-1], start=1):
            group = _enter(group, name, ".".join(names[:place]), slots, unknown)
        leaves: list[tuple[tuple[int, ...], Leaf]] = []
        for needs, decision, plant in options:
            slots.append((path, decision))
            leaves.append((needs, plant(group.stranger, len(slots) - 1)))
        node = leaves[0][1] if len(leaves) == 1 else Choice(group.stranger, leaves)
        group.members[names[-1].rstrip("[]")] = _wrap(node, names[-1], group.stranger)
    return _with_demands(root), tuple(slots)


def _with_demands(group: Group) -> Group:
    """`group`, with each group in it that something must be in made a `Demanding` one."""
    group.members = {name: _settled(member) for name, member in group.members.items()}
    demanded = tuple(name for name, member in group.members.items() if member.demanding)
    return Demanding(group, demanded) if demanded else group


def _settled(node: Node) -> Node:
    match node:
        case Group():
            return _with_demands(node)
        case Entries():
            return Entries(node.stranger, _settled(node.entry))
    return node


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
