"""A Merkle tree with all its nodes in memory, for many proofs of one tree."""

from __future__ import annotations

from collections.abc import Sequence

from .merkle import node
from .merkle import root as root_of


class Levels:
    """The tree of RFC 6962 over `hashes`. A proof takes steps in the logarithm of its size.

    64 bytes per leaf: half a million seals, a year of them, are 32 MB and half a second.
    """

    __slots__ = ("_levels", "size")

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self.size = len(hashes)
        level = list(hashes)
        self._levels = [level]
        while len(level) > 1:
            pairs = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
            level = pairs + level[len(level) & ~1 :]
            self._levels.append(level)

    def root(self) -> bytes:
        return self._levels[-1][0] if self.size else root_of([])

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of the leaf at `index`, as `merkle.inclusion_proof` has it."""
        if not 0 <= index < self.size:
            raise IndexError("there is no such leaf")
        proof = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                proof.append(level[index ^ 1])
            index >>= 1
        return proof

    def consistency(self, first: int) -> list[bytes]:
        """Shows that the first `first` leaves are its beginning, as `merkle.consistency_proof`."""
        if not 0 <= first <= self.size:
            raise IndexError("the first tree is larger than the second")
        if first in (0, self.size):
            return []
        # From the last leaf of the first tree upwards: where it is a right child, its node is
        # within the first tree as a whole (section 2.1.2, read from the leaf's end).
        at, height = first - 1, 0
        while at & 1:
            at, height = at >> 1, height + 1
        proof = [self._levels[height][at]] if first & (first - 1) else []
        for level in self._levels[height:-1]:
            if at ^ 1 < len(level):
                proof.append(level[at ^ 1])
            at >>= 1
        return proof
