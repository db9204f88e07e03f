"""Entries that do not fit their seals: what became of each, told by the leaves that still do.

A seal's root says only that something differs. Its stored leaves, if they give the signed root, say
what was sealed: which entries are missing, which are too many, and, by trying, whose contents now
stand under another's number or time.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from . import leaf
from .findings import Findings

#: So many missing and surplus entries are compared with each other; the cost is their product.
COMPARED = 250
#: Number, time and transaction: the columns that put an entry into its place.
_PLACE = 3


@dataclass(slots=True)
class _Wanted:
    """A leaf that was sealed and that no entry has."""

    seal: int
    entry: int
    hash: bytes


@dataclass(slots=True)
class _Surplus:
    """An entry that has none of the leaves of its seal."""

    seal: int
    entry: int
    line: bytes


@dataclass(slots=True)
class Differences:
    """Gathers what does not fit, over all seals, and names it in the end."""

    findings: Findings
    _wanted: list[_Wanted] = field(default_factory=list)
    _surplus: list[_Surplus] = field(default_factory=list)
    #: What is beyond the number that is compared: seal, entry, seal, entry …
    _more_wanted: array[int] = field(default_factory=lambda: array("q"))
    _more_surplus: array[int] = field(default_factory=lambda: array("q"))

    def want(self, seal: int, entry: int, leaf_hash: bytes) -> None:
        """A leaf of this seal fits no entry."""
        if len(self._wanted) < COMPARED:
            self._wanted.append(_Wanted(seal, entry, leaf_hash))
        else:
            self._more_wanted.extend((seal, entry))

    def surplus(self, seal: int, line: bytes) -> None:
        """An entry within the bounds of this seal fits none of its leaves."""
        if len(self._surplus) < COMPARED:
            self._surplus.append(_Surplus(seal, leaf.entry_id(line), line))
        else:
            self._more_surplus.extend((seal, leaf.entry_id(line)))

    def name(self, is_dropped: Callable[[int], bool]) -> int:
        """Tell each difference; ``is_dropped`` says whether an entry's absence is in order.

        Gives how many entries are gone in order.
        """
        moved = self._name_moved()
        changed = {each.entry for each in self._surplus if each.entry not in moved}
        changed.update(self._more_surplus[1::2])
        gone = 0
        wanted_ids: set[int] = set()
        for seal, entry in self._all_wanted():
            wanted_ids.add(entry)
            if entry in moved:
                continue
            if entry in changed:
                self._add("changed", seal, entry, "was changed after it was sealed")
            elif is_dropped(entry):
                gone += 1
            else:
                self._add("deleted", seal, entry, "was removed")
        for seal, entry in self._all_surplus():
            if entry not in wanted_ids and entry not in moved:
                self._add("inserted", seal, entry, "was slipped in: it was not there when sealed")
        return gone

    def _name_moved(self) -> set[int]:
        """Numbers of entries whose contents stand in one another's place."""
        own = {each.entry: each for each in self._surplus}
        moved: set[int] = set()
        for wanted in self._wanted:
            mine = own.get(wanted.entry)
            if mine is not None and leaf.leaf_hash(mine.line) == wanted.hash:
                moved.add(wanted.entry)
                self._add(
                    "inserted",
                    mine.seal,
                    wanted.entry,
                    f"was slipped in where others were sealed before; seal {wanted.seal} holds it",
                )
                continue
            for other in self._surplus:
                if _was(wanted, mine.line if mine else None, other.line):
                    moved.update((wanted.entry, other.entry))
                    self._add(
                        "reordered",
                        wanted.seal,
                        wanted.entry,
                        "does not stand in its place: of what was sealed as its contents, time or "
                        f"transaction, something stands under number {other.entry}",
                    )
                    break
        return moved

    def _all_wanted(self) -> Iterator[tuple[int, int]]:
        yield from ((each.seal, each.entry) for each in self._wanted)
        yield from _pairs(self._more_wanted)

    def _all_surplus(self) -> Iterator[tuple[int, int]]:
        yield from ((each.seal, each.entry) for each in self._surplus)
        yield from _pairs(self._more_surplus)

    def _add(self, code: str, seal: int, entry: int, sentence: str) -> None:
        self.findings.add(code, f"Entry {entry} of seal {seal} {sentence}.", seal=seal, entry=entry)


def _was(wanted: _Wanted, own: bytes | None, other: bytes) -> bool:
    """Whether the sealed entry was put together from its own line and another's."""
    if own is other:
        return False
    theirs = _parts(other)
    mine = _parts(own) if own is not None else theirs
    number = str(wanted.entry).encode()
    choices = [(mine[at], theirs[at]) for at in range(1, _PLACE + 1)]
    for parts in product(*choices):
        if leaf.leaf_hash(b"\t".join((number, *parts))) == wanted.hash:
            return True
    return False


def _parts(line: bytes) -> list[bytes]:
    """Number, time, transaction, and the rest as it stands."""
    return line.split(b"\t", _PLACE)


def _pairs(flat: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip(flat[::2], flat[1::2], strict=True)
