"""Small trails in memory, to be bent: entries, seals, leaves and anchors as a database has them."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ..lib.evidence import anchor, leaf, merkle, seal
from ..lib.evidence.seal import Statement
from ..lib.evidence.source import Chunk, Epoch, StoredSeal
from ..lib.evidence.trail import verify

INSTANCE = "11111111-2222-4333-8444-555555555555"
#: 2026-01-01 in microseconds.
BEGINNING = 1_767_225_600_000_000


def key(number: int = 1) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def public(number: int = 1) -> str:
    return key(number).public_key().public_bytes_raw().hex()


def entry(number: int, txid: int, act: str = "message.sent", **columns: str) -> bytes:
    values = {
        "id": str(number),
        "ts": str(BEGINNING + number * 1_000_000),
        "txid": str(txid),
        "act": act,
        "outcome": "ok",
        "actor_kind": "worker",
        "res_id": str(number * 7),
        **columns,
    }
    return leaf.line([values.get(name) for name in leaf.COLUMNS])


def entry_id(line: bytes) -> int:
    return int(line.split(b"\t")[0])


def txid(line: bytes) -> int:
    return int(line.split(b"\t")[2])


@dataclass
class Trail:
    """A trail that seals itself as the sealer does, and is read back as from a database."""

    lines: list[bytes] = field(default_factory=list)
    seals: list[StoredSeal] = field(default_factory=list)
    leaves: dict[int, bytes] = field(default_factory=dict)
    epochs_: list[Epoch] = field(default_factory=lambda: [Epoch(1, 0)])
    dropped_: list = field(default_factory=list)
    log: merkle.Frontier = field(default_factory=merkle.Frontier)
    key: Ed25519PrivateKey = field(default_factory=key)
    has_leaves: bool = True
    is_complete: bool = True

    # -- making --------------------------------------------------------------------------------

    @property
    def last(self) -> Statement | None:
        return Statement.parse(self.seals[-1].statement) if self.seals else None

    def seal_range(self, low: int, high: int, **other: object) -> None:
        epoch = self.epochs_[-1]
        lines = [
            line
            for line in self.lines
            if low <= txid(line) < high and entry_id(line) > epoch.after
        ]
        self.seal("range", low, high, sorted(lines, key=lambda x: (txid(x), entry_id(x))), **other)

    def seal_bridge(self, high: int) -> None:
        held = {number for data in self.leaves.values() for number in seal.unpack_leaves(data)[0]}
        lines = [x for x in self.lines if entry_id(x) <= high and entry_id(x) not in held]
        self.seal("bridge", 0, high, sorted(lines, key=entry_id))

    def seal(
        self, kind: str, low: int, high: int, lines: list[bytes], endorsed_by: object = None
    ) -> None:
        last, ids = self.last, [entry_id(line) for line in lines]
        hashes = [leaf.leaf_hash(line) for line in lines]
        epoch = self.epochs_[-1]
        statement = Statement(
            instance=INSTANCE,
            epoch=epoch.number,
            after=epoch.after,
            number=len(self.seals) + 1,
            kind=kind,
            low=str(low),
            high=str(high),
            count=len(ids),
            first=min(ids, default=0),
            last=max(ids, default=0),
            total=len(ids) + (last.total if last else 0),
            root=merkle.root(hashes).hex(),
            previous=seal.digest(self.seals[-1].statement).hex() if self.seals else "",
            log=self.log.root().hex(),
            sealed_at="2026-01-02T00:00:00.000000Z",
            key=self.key.public_key().public_bytes_raw().hex(),
        )
        text = statement.text()
        self.log.append(seal.digest(text))
        self.seals.append(
            StoredSeal(
                statement.number,
                text,
                seal.sign(self.key, text),
                seal.sign(endorsed_by, text) if endorsed_by else None,
                {"kind": kind, "count": len(ids), "low": str(low), "high": str(high)},
                self.log.to_bytes(),
            )
        )
        if ids:
            self.leaves[statement.number] = seal.pack_leaves(ids, hashes)

    def begin_epoch(self) -> None:
        """The database moved: what is not sealed is sealed by a bridge."""
        before = self.epochs_[-1]
        ranges = [x for x in map(_statement, self.seals) if x.epoch == before.number]
        until = max((x.last for x in ranges if x.kind == "range"), default=before.after)
        self.epochs_[-1] = replace(before, until=until)
        after = max(map(entry_id, self.lines), default=0)
        self.epochs_.append(Epoch(before.number + 1, after))
        self.seal_bridge(after)

    def anchor_lines(self) -> list[str]:
        return [anchor.line(x.statement, x.signature, x.endorsement) for x in self.seals]

    # -- reading, as the database does -----------------------------------------------------------

    def epochs(self) -> list[Epoch]:
        return self.epochs_

    def dropped(self) -> list:
        return self.dropped_

    def drops_elsewhere(self) -> list:
        return []

    def chunks(self):
        for stored in self.seals:
            statement = _statement(stored)
            lines = [line for line in self.lines if statement and self._held_by(line) == statement]
            if statement and statement.kind == "range":
                lines.sort(key=lambda x: (txid(x), entry_id(x)))
            else:
                lines.sort(key=entry_id)
            yield Chunk([stored], lines, self.leaves)

    def loose(self) -> list[bytes]:
        return [line for line in self.lines if self._held_by(line) is None]

    def _held_by(self, line: bytes) -> Statement | None:
        number, transaction = entry_id(line), txid(line)
        ends = {epoch.number: epoch.until for epoch in self.epochs_}
        for statement in filter(None, map(_statement, self.seals)):
            low, high = int(statement.low), int(statement.high)
            until = ends.get(statement.epoch)
            if statement.kind == "bridge" and low < number <= high:
                return statement
            if (
                statement.kind == "range"
                and low <= transaction < high
                and number > statement.after
                and (until is None or number <= until)
            ):
                return statement
        return None

    def verify(self, trusted=None, **options):
        return verify(self, [public()] if trusted is None else trusted, **options)


def _statement(stored: StoredSeal) -> Statement | None:
    return _parsed(stored.statement)


@lru_cache(10_000)
def _parsed(text: str) -> Statement | None:
    try:
        return Statement.parse(text)
    except ValueError:
        return None


def sealed_trail(*, transactions: int = 12, each: int = 3, per_seal: int = 4) -> Trail:
    """Interleaved transactions in a first epoch that began with nothing."""
    trail = Trail()
    trail.seal_bridge(0)
    number = 0
    for at in range(transactions):
        for turn in range(each):
            number += 1
            # Lower ids may commit later: two transactions write in turns.
            trail.lines.append(entry(number, 700 + (at ^ (turn & 1))))
    for low in range(700, 700 + transactions, per_seal):
        trail.seal_range(low, low + per_seal)
    return trail
