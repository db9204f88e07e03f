"""What a verification reads: the same things from a database, an export, or a test's memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .seal import Statement


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """A seal as it lies in a table or file: nothing in it is believed yet.

    ``columns`` are the copies of the statement's values that the table keeps beside it for its
    queries, and ``frontier`` the cached log tree; both may be lacking.
    """

    number: int
    statement: str
    signature: bytes
    endorsement: bytes | None = None
    columns: Mapping[str, object] | None = None
    frontier: bytes | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    """A stretch of the trail in one place. Its ranges hold entries with ``after`` < id ≤ ``until``.

    ``until`` is the greatest id in them once another epoch has begun, else None: what a moved
    database wrote before the next epoch began has greater ids, while its transaction numbers
    may be any, even such as were sealed before.
    """

    number: int
    after: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A month that went at the end of its retention: ids that went, as canonical JSON."""

    month: str
    ranges: str


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry, the seal that holds it, and that seal's stored leaves."""

    line: bytes
    seal: StoredSeal
    leaves: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some consecutive seals of one kind and epoch, and all entries within their bounds.

    ``lines`` are in the order of leaves. ``leaves`` holds the stored leaves by seal.
    """

    seals: Sequence[StoredSeal]
    lines: Iterable[bytes]
    leaves: Mapping[int, bytes]


class Source(Protocol):
    """A trail to verify. Each entry of it is in exactly one chunk, or loose."""

    @property
    def has_leaves(self) -> bool:
        """Whether stored leaves are to be expected."""

    def epochs(self) -> Sequence[Epoch]:
        """All epochs, the first one first."""

    @property
    def is_complete(self) -> bool:
        """Asked after the last chunk: whether the trail has no further seals."""

    def chunks(self) -> Iterator[Chunk]:
        """The seals to verify with their entries, in the order in which they are stored."""

    def loose(self) -> Iterable[bytes]:
        """Lines of the entries that no chunk brought: not sealed yet, or not to be there."""

    def dropped(self) -> Sequence[Dropped]:
        """Months that are gone."""

    def drops_elsewhere(self) -> Iterable[Proven]:
        """Entries that say so, in seals that no chunk brings."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a verification of the newer part begins: the seal before, and the log tree then."""

    seal: StoredSeal
    frontier: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """Entries within the bounds of one seal, and those that came before them but lie outside."""

    statement: Statement
    ids: Sequence[int]
    lines: Sequence[bytes]
    outside: Sequence[bytes]


def share(lines: Iterable[bytes], statements: Sequence[Statement]) -> Iterator[Held]:
    """Share entries in the order of leaves among consecutive seals, each by its bounds."""
    given = iter(lines)
    line = next(given, None)
    for place, statement in enumerate(statements, 1):
        is_range = statement.kind == "range"
        low, high, after = int(statement.low), int(statement.high), statement.after
        ids: list[int] = []
        own: list[bytes] = []
        outside: list[bytes] = []
        while line is not None:
            number, _ts, txid, _rest = line.split(b"\t", 3)
            entry = int(number)
            # A bridge begins behind its lower bound, a range with it.
            at = int(txid) if is_range else entry - 1
            if at >= high:
                break
            if at < low or (is_range and entry <= after):
                outside.append(line)
            else:
                ids.append(entry)
                own.append(line)
            line = next(given, None)
        if place == len(statements) and line is not None:
            # Behind the bounds of all of them.
            outside += [line, *given]
        yield Held(statement, ids, own, outside)
