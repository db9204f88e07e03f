"""A random sample that nobody can have picked, and that anybody can draw again.

The seed is made of what the auditor says and of the digest of the newest seal when the sample was
begun: the auditor does not know the second beforehand, and whoever seals does not know the first.
Of all candidates those with the smallest SHA-256 of seed and UUID are taken.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable

#: What these bytes are, so that a seed is never the digest of something else.
PREFIX = b"interop-evidence-sample/1\n"


def seed_of(given: str, seal_digest: str) -> str:
    """The seed (64 hexadecimal digits) from the auditor's words and the seal's digest (hex)."""
    return hashlib.sha256(PREFIX + f"{seal_digest}\n{given}".encode()).hexdigest()


def rank(seed: str, uuid: str) -> str:
    """Where a message stands in the order that the seed makes; the smallest are taken."""
    return hashlib.sha256(f"{seed}\n{uuid}".encode()).hexdigest()


def choose(seed: str, uuids: Iterable[str], number: int) -> list[str]:
    """The sample, in the order of rank. The order of the candidates does not matter."""
    return heapq.nsmallest(number, uuids, key=lambda uuid: (rank(seed, uuid), uuid))


def population_digest(uuids: Iterable[str]) -> str:
    """SHA-256 over the candidates, sorted, one a line: tells that a sample is of the same."""
    return hashlib.sha256("".join(f"{uuid}\n" for uuid in sorted(uuids)).encode()).hexdigest()
