"""Entries against the seals that hold them: each there, as sealed, in its order, no other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import leaf, merkle, seal
from .differences import Differences
from .drops import MARK as DROP_MARK
from .drops import Drops
from .findings import Findings
from .seal import Statement
from .source import Chunk, Held, share


@dataclass(slots=True)
class Sealed:
    """Compares chunk after chunk; keeps nothing of what fits.

    ``has_leaves`` says whether stored leaves are to be there.
    """

    findings: Findings
    drops: Drops
    has_leaves: bool
    #: How many entries lay within the bounds of seals so far.
    entries: int = 0
    _differences: Differences = field(init=False)
    #: Seals none of whose entries is there: number, and how many it held.
    _empty: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._differences = Differences(self.findings)

    def take(self, chunk: Chunk, statements: Sequence[Statement]) -> None:
        """Share the chunk's entries among these statements, and compare each with its own."""
        for held in share(chunk.lines, statements):
            for line in held.outside:
                self._differences.surplus(held.statement.number, line)
            for line in held.lines:
                if DROP_MARK in line:
                    self.drops.take(line, sealed=True)
            self._compare(held, chunk.leaves.get(held.statement.number))

    def finish(self) -> int:
        """Name what differs. How many entries are gone in order."""
        gone = self._differences.name(self.drops.is_gone)
        for number, count in self._empty:
            if self.drops.is_seal_gone(number):
                gone += count
            else:
                self.findings.add(
                    "deleted", f"All {count} entries of seal {number} were removed.", seal=number
                )
        return gone

    # -- one seal ------------------------------------------------------------------------------

    def _compare(self, held: Held, stored: bytes | None) -> None:
        statement = held.statement
        self.entries += len(held.ids)
        hashes = [hashlib.sha256(leaf.PREFIX + line).digest() for line in held.lines]
        ends = (min(held.ids, default=0), max(held.ids, default=0))
        if (
            len(held.ids) == statement.count
            and merkle.root(hashes).hex() == statement.root
            and ends == (statement.first, statement.last)
        ):
            self._compare_leaves(held, hashes, stored)
        elif not held.ids and stored is None:
            self._empty.append((statement.number, statement.count))
        elif _is_other_order(held, hashes):
            self.findings.add(
                "reordered",
                f"The entries of seal {statement.number} stand in another order than they were "
                "sealed in.",
                seal=statement.number,
            )
        else:
            self._find_differences(held, hashes, stored)

    def _compare_leaves(self, held: Held, hashes: list[bytes], stored: bytes | None) -> None:
        """The entries are right; the stored leaves, which serve for proofs, are to be so too."""
        if not self.has_leaves or (stored is None and not held.ids):
            return
        number = held.statement.number
        if stored is None:
            sentence = f"The stored leaves of seal {number} are gone; its entries are not."
            self.findings.add("deleted", sentence, seal=number)
        elif stored != seal.pack_leaves(held.ids, hashes):
            sentence = f"The stored leaves of seal {number} were changed; its entries were not."
            self.findings.add("changed", sentence, seal=number)

    def _find_differences(self, held: Held, hashes: list[bytes], stored: bytes | None) -> None:
        number = held.statement.number
        leaves = _believable(held.statement, stored)
        if leaves is None:
            self._tell_unnamed(held.statement, len(held.ids))
            return
        sealed, there = set(leaves[1]), set()
        for line, leaf_hash in zip(held.lines, hashes, strict=True):
            if leaf_hash not in sealed or leaf_hash in there:
                self._differences.surplus(number, line)
            there.add(leaf_hash)
        for entry, leaf_hash in zip(*leaves, strict=True):
            if leaf_hash not in there:
                self._differences.want(number, entry, leaf_hash)

    def _tell_unnamed(self, statement: Statement, count: int) -> None:
        """The leaves that would tell which entries differ are gone, or were bent as well."""
        code = "changed"
        if count != statement.count:
            code = "deleted" if count < statement.count else "inserted"
        self.findings.add(
            code,
            f"The {count} entries of seal {statement.number} do not fit its root over "
            f"{statement.count}. Its stored leaves do not fit either, so they cannot be named.",
            seal=statement.number,
        )


def _is_other_order(held: Held, hashes: list[bytes]) -> bool:
    """Whether these are the entries of the seal, only shuffled."""

    def place(at: int) -> tuple[int, int]:
        txid = held.lines[at].split(b"\t", 3)[2]
        return (int(txid) if held.statement.kind == "range" else 0, held.ids[at])

    order = sorted(range(len(hashes)), key=place)
    return (
        len(order) == held.statement.count
        and order != list(range(len(order)))
        and merkle.root([hashes[at] for at in order]).hex() == held.statement.root
    )


def _believable(statement: Statement, stored: bytes | None) -> tuple[list[int], list[bytes]] | None:
    """The stored leaves, if they are what was signed."""
    try:
        ids, hashes = seal.unpack_leaves(stored or b"")
    except ValueError:
        return None
    fits = len(ids) == statement.count and merkle.root(hashes).hex() == statement.root
    return (ids, hashes) if fits else None
