"""Merkle trees and proofs as RFC 6962 (Certificate Transparency) has them, section 2.1.

Hashes go in and out as 32 bytes. Leaves are hashed by who knows what they are (first byte 0x00);
nodes here (first byte 0x01). Which leaf stands where is part of every proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over the leaves with these hashes; of none, the hash of nothing (section 2.1)."""
    if not hashes:
        return hashlib.sha256().digest()
    sha256 = hashlib.sha256
    level = list(hashes)
    while len(level) > 1:
        # Pairs from the left, the odd one as it is: the same tree as by splitting at powers of two.
        odd = [level.pop()] if len(level) % 2 else []
        pairs = iter(level)
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
        level += odd
    return level[0]


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of the leaf at `index` (from 0), from its sibling up (section 2.1.1)."""
    if not 0 <= index < len(hashes):
        raise IndexError("there is no such leaf")
    proof, level = [], list(hashes)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level = _above(level)
        index //= 2
    return proof


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], of_root: bytes
) -> bool:
    """Whether `proof` shows that `leaf` stands at `index` in the tree of `size` with that root.

    The algorithm of RFC 9162, section 2.1.3.2, for the paths of RFC 6962.
    """
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0 or len(each) != HASH_BYTES:
            return False
        if at & 1 or at == last:
            found = node(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == of_root


def consistency_proof(hashes: Sequence[bytes], first: int) -> list[bytes]:
    """Shows that the tree of the `first` leaves is the beginning of this one (section 2.1.2).

    `first` is from 0 to their number; of nothing, and of the whole, the proof is empty.
    """
    if not 0 <= first <= len(hashes):
        raise IndexError("the first tree is larger than the second")
    if first in (0, len(hashes)):
        return []
    return _subproof(list(hashes), first, whole=True)


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the tree of size `first` is the beginning of that of `second`.

    The algorithm of RFC 9162, section 2.1.4.2, for the proofs of RFC 6962.
    """
    if not 0 <= first <= second or any(len(each) != HASH_BYTES for each in proof):
        return False
    if first == 0:
        return not proof and first_root == root([])
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(each, old), node(each, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, each)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


class Frontier:
    """A tree to which leaves are only added, kept as the roots of its perfect parts.

    Adding and the root take steps in the logarithm of its size. Equal trees have equal bytes.
    """

    __slots__ = ("_parts", "size")

    def __init__(self, size: int = 0, parts: Sequence[bytes] = ()) -> None:
        if size < 0 or len(parts) != size.bit_count():
            raise ValueError("a tree of this size has another number of parts")
        if any(len(part) != HASH_BYTES for part in parts):
            raise ValueError("a part of the tree is not a hash")
        self.size = size
        self._parts = list(parts)

    def append(self, leaf: bytes) -> None:
        """Add the leaf with this hash."""
        part, size = leaf, self.size
        while size & 1:
            part, size = node(self._parts.pop(), part), size >> 1
        self._parts.append(part)
        self.size += 1

    def root(self) -> bytes:
        if not self._parts:
            return root([])
        found = self._parts[-1]
        for part in reversed(self._parts[:-1]):
            found = node(part, found)
        return found

    def to_bytes(self) -> bytes:
        """8 bytes of size (big endian), then the parts, the largest first."""
        return self.size.to_bytes(8, "big") + b"".join(self._parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Raises ValueError if these are not the bytes of a tree."""
        if len(data) < 8 or len(data) % HASH_BYTES != 8:
            raise ValueError("these are not the bytes of a tree")
        parts = [data[at : at + HASH_BYTES] for at in range(8, len(data), HASH_BYTES)]
        return cls(int.from_bytes(data[:8], "big"), parts)


def _above(level: list[bytes]) -> list[bytes]:
    above = [node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return above + level[len(level) & ~1 :]


def _subproof(hashes: list[bytes], first: int, *, whole: bool) -> list[bytes]:
    size = len(hashes)
    if first == size:
        return [] if whole else [root(hashes)]
    split = 1 << (size - 1).bit_length() - 1
    if first <= split:
        return [*_subproof(hashes[:split], first, whole=whole), root(hashes[split:])]
    return [
        *_subproof(hashes[split:], first - split, whole=False),
        root(hashes[:split]),
    ]
