"""How an evidence bundle is put together. Pure: who calls reads the trail and the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from . import leaf, seal
from .bundle_text import FORMAT
from .levels import Levels


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal as the database has it."""

    statement: str
    signature: bytes
    endorsement: bytes | None = None


class Leaves(Protocol):
    """Where the leaves of a seal come from, by its number; None: dropped by retention."""

    def __call__(self, number: int) -> bytes | None: ...


class Proofs:
    """Paths from entries to their seals, many at once: each seal's tree is made once.

    `leaves` gives what `seal.pack_leaves` made. Keeps the tree of the seal that was asked last:
    ask in the order of seals.
    """

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._number = 0
        self._tree: Levels | None = None
        self._places: dict[int, int] = {}
        self._hashes: list[bytes] = []

    def place(self, number: int, entry: int) -> int | None:
        """Where an entry stands in a seal; None if it is not there."""
        self._open(number)
        return self._places.get(entry)

    def path(self, number: int, index: int) -> list[bytes]:
        """The audit path of the leaf at `index` of a seal."""
        self._open(number)
        self._tree = self._tree or Levels(self._hashes)
        return self._tree.inclusion(index)

    def _open(self, number: int) -> None:
        if number != self._number:
            ids, self._hashes = seal.unpack_leaves(self._leaves(number) or b"")
            self._number, self._tree = number, None
            self._places = {entry: index for index, entry in enumerate(ids)}


def make(
    *,
    instance: str,
    about: Mapping[str, Any],
    made: Mapping[str, Any],
    facts: Mapping[str, Any],
    versions: Sequence[Mapping[str, Any]],
    entries: Iterable[tuple[bytes, int]],
    seals: Mapping[int, Sealed],
    head: int,
    proofs: Proofs,
    log: Levels,
    unsealed: int = 0,
    against: Iterable[int] = (),
) -> dict[str, Any]:
    """A bundle without its signature (`bundle.sign`).

    `entries`: line and number of the seal. `seals`: those of the entries and the head. `log`: the
    tree of the digests of statements 1 to head - 1. `against`: numbers of seals that the auditor
    holds as anchors. An entry that its seal does not have raises ValueError.
    """
    numbers = {head}
    found = []
    for line, number in sorted(entries, key=lambda each: (each[1], leaf.entry_id(each[0]))):
        entry = leaf.entry_id(line)
        index = proofs.place(number, entry)
        if index is None:
            raise ValueError(f"entry {entry} is not in seal {number}")
        numbers.add(number)
        found.append(
            {
                "line": line.decode(),
                "seal": number,
                "index": index,
                "proof": _hex(proofs.path(number, index)),
            }
        )
    return {
        "format": FORMAT,
        "instance": instance,
        "about": dict(about),
        "made": dict(made),
        "facts": dict(facts),
        "versions": [dict(each) for each in versions],
        "entries": sorted(found, key=lambda each: leaf.entry_id(str(each["line"]).encode())),
        "seals": [_seal(number, seals[number], head, log) for number in sorted(numbers)],
        "head": head,
        "unsealed": unsealed,
        "consistency": [
            {
                "number": number,
                "inclusion": _hex(log.inclusion(number - 1)),
                "consistency": _hex(log.consistency(number - 1)),
            }
            for number in sorted(set(against) - numbers)
            if 1 <= number < head
        ],
    }


def _seal(number: int, sealed: Sealed, head: int, log: Levels) -> dict[str, Any]:
    return {
        "number": number,
        "statement": sealed.statement,
        "signature": sealed.signature.hex(),
        "endorsement": (sealed.endorsement or b"").hex(),
        "proof": [] if number == head else _hex(log.inclusion(number - 1)),
    }


def _hex(proof: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in proof]
