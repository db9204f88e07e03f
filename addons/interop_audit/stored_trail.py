"""The trail as the database has it, for verification and export."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from . import sql, sql_retention
from . import sql_verify as statements
from .lib.evidence import guards
from .lib.evidence.findings import Finding
from .lib.evidence.guards import DELETE, TRUNCATE, UPDATE, Guards
from .lib.evidence.seal import Statement
from .lib.evidence.source import Chunk, Dropped, Epoch, Proven, Start, StoredSeal

#: Entries and seals that are read at once.
ENTRIES = 20_000
SEALS = 2_000

_MOST_TXID = 2**64 - 1
_MOST_ID = 2**63 - 1


class StoredTrail:
    """Reads seals behind ``after`` up to ``to``, each with the entries within its bounds.

    ``cr`` is any cursor on the database; nothing is written, and between two chunks the caller may
    commit. Bounds are the signed ones: what the tables say beside them is only compared.
    """

    has_leaves = True

    def __init__(self, cr: Any, after: int = 0, to: int | None = None) -> None:
        self._cr = cr
        self._after = after
        self._to = to
        self._reached = after
        self._epochs: list[Epoch] | None = None
        #: Set to end after the chunk under way; what follows is for another time.
        self.stop = False

    # -- what a verification reads -------------------------------------------------------------

    @property
    def is_complete(self) -> bool:
        if self._to is None and not self.stop:
            return True
        return not self._value(statements.HAS_MORE, [self._reached])

    def epochs(self) -> Sequence[Epoch]:
        if self._epochs is None:
            self._cr.execute(statements.EPOCHS)
            rows = self._cr.fetchall()
            newest = rows[-1][0] if rows else None
            self._epochs = [
                Epoch(number, after, None if number == newest else until)
                for number, after, until in rows
            ]
        return self._epochs

    def chunks(self) -> Iterator[Chunk]:
        while not self.stop:
            self._cr.execute(statements.SETTINGS)
            rows = self._seals(statements.SEALS, [self._reached, SEALS])
            rows = [row for row in rows if self._to is None or row.number <= self._to]
            if not rows:
                return
            for seals, statement in _grouped(rows):
                # Whoever reads may have committed since.
                self._cr.execute(statements.SETTINGS)
                yield Chunk(seals, self._lines(statement), self._leaves(seals))
                self._reached = seals[-1].number
                if self.stop:
                    return

    def loose(self) -> Iterator[bytes]:
        self._cr.execute(statements.SETTINGS)
        epochs = self.epochs()
        yield from self._copy(statements.COPY_BELOW, {})
        if not epochs:
            yield from self._copy(statements.COPY_ABOVE, {"after": 0})
            return
        newest = epochs[-1]
        low = self._bound(statements.FIRST_RANGE, newest.number)
        high = self._bound(statements.LAST_RANGE, newest.number)
        if low is None or high is None:
            yield from self._copy(statements.COPY_ABOVE, {"after": newest.after})
        else:
            yield from self._copy(statements.COPY_BEFORE, {"low": low, "after": newest.after})
            yield from self._copy(statements.COPY_BEHIND, {"high": high, "after": newest.after})
        bridged = int(self._bound(statements.LAST_BRIDGE, newest.number) or 0)
        if bridged < newest.after:
            yield from self._bridged(newest.number, bridged, newest.after)

    def dropped(self) -> Sequence[Dropped]:
        if not self._value(statements.HAS_DROPPED):
            return []
        self._cr.execute(statements.DROPPED)
        return [Dropped(month, ranges) for month, ranges in self._cr.fetchall()]

    def drops_elsewhere(self) -> Iterator[Proven]:
        for line in self._copy(statements.COPY_DROP_ACTS, {}):
            entry = int(line.split(b"\t", 1)[0])
            for seal in self._seals(statements.SEAL_OF_ENTRY, {"id": entry}):
                if not self._after < seal.number <= self._reached:
                    leaves = self._leaves([seal]).get(seal.number)
                    if leaves is not None:
                        yield Proven(line, seal, leaves)

    # -- for who calls a verification ----------------------------------------------------------

    def start(self) -> Start | None:
        """Where a verification of what is behind ``after`` begins."""
        if not self._after:
            return None
        rows = self._seals(statements.SEAL, [self._after])
        return Start(rows[0], rows[0].frontier or b"") if rows else None

    def guards(self) -> list[Finding]:
        """What is wrong with the guards of the tables."""
        return list(read_guards(self._cr).findings())

    # -- reading -------------------------------------------------------------------------------

    def _seals(self, query: str, values: Any) -> list[StoredSeal]:
        self._cr.execute(query, values)
        names = [column.name for column in self._cr.description][5:]
        return [
            StoredSeal(
                row[0],
                row[1],
                bytes(row[2]),
                bytes(row[3]) if row[3] is not None else None,
                dict(zip(names, row[5:], strict=True)),
                bytes(row[4]),
            )
            for row in self._cr.fetchall()
        ]

    def _leaves(self, seals: Sequence[StoredSeal]) -> dict[int, bytes]:
        self._cr.execute(statements.LEAVES, [[seal.number for seal in seals]])
        return {number: bytes(leaves) for number, leaves in self._cr.fetchall()}

    def _lines(self, bounds: tuple[Statement, Statement] | None) -> Iterable[bytes]:
        """The entries between the bounds of the first and the last of some seals."""
        if bounds is None:
            return ()
        first, last = bounds
        if first.kind == "bridge":
            before = [epoch.number for epoch in self.epochs() if epoch.number < first.epoch]
            bridged = self._bound(statements.LAST_BRIDGE, before[-1]) if before else None
            low = max(int(first.low), int(bridged or 0))
            return self._bridged(first.epoch, low, int(last.high))
        until = {epoch.number: epoch.until for epoch in self.epochs()}.get(first.epoch)
        return self._copy(
            statements.COPY_RANGES,
            {
                "low": str(_clamped(first.low, _MOST_TXID)),
                "high": str(_clamped(last.high, _MOST_TXID)),
                "after": _clamped(first.after, _MOST_ID),
                "until": _MOST_ID if until is None else until,
            },
        )

    def _bridged(self, epoch: int, low: int, high: int) -> list[bytes]:
        """Entries of these ids that no range of an epoch before holds."""
        spans: list[tuple[int, int, str, str]] = []
        for each in self.epochs():
            first = self._bound(statements.FIRST_RANGE, each.number, _MOST_ID)
            last = self._bound(statements.LAST_RANGE, each.number, _MOST_ID)
            if each.number < epoch and first is not None and last is not None:
                spans.append((each.after, each.until or 0, first, last))
        columns = list(zip(*spans, strict=True)) or [()] * 4
        return self._copy(
            statements.COPY_BRIDGES,
            {
                "low": _clamped(low, _MOST_ID),
                "high": _clamped(high, _MOST_ID),
                **{
                    name: list(column)
                    for name, column in zip(
                        ("afters", "untils", "lows", "highs"), columns, strict=True
                    )
                },
            },
        )

    def _bound(self, query: str, epoch: int, up_to: int | None = None) -> str | None:
        """A bound of an epoch's seals, as far as they were read; None if there is none."""
        found = self._value(query, [epoch, self._reached if up_to is None else up_to])
        return str(_clamped(found, _MOST_TXID)) if re.fullmatch("[0-9]+", found or "") else None

    def _copy(self, statement: str, values: dict[str, Any]) -> list[bytes]:
        out = io.BytesIO()
        self._cr.copy_expert(self._cr.mogrify(statement, values), out)
        return out.getvalue().split(b"\n")[:-1]

    def _value(self, query: str, values: Any = None) -> Any:
        self._cr.execute(query, values)
        row = self._cr.fetchone()
        return row[0] if row else None


def _grouped(
    seals: Sequence[StoredSeal],
) -> Iterator[tuple[list[StoredSeal], tuple[Statement, Statement] | None]]:
    """Consecutive seals of one kind and epoch, some thousand entries; what cannot be read alone."""
    group: list[StoredSeal] = []
    first: Statement | None = None
    last: Statement | None = None
    count = 0
    for stored in seals:
        try:
            statement = Statement.parse(stored.statement)
        except ValueError:
            statement = None
        fits = (
            statement is not None
            and last is not None
            and (statement.kind, statement.epoch, statement.after)
            == (last.kind, last.epoch, last.after)
            and statement.low == last.high
            and count + statement.count <= ENTRIES
        )
        if group and not fits:
            yield group, (first, last) if first and last else None
            group, first, count = [], None, 0
        group.append(stored)
        first, last = first or statement, statement
        count += statement.count if statement else 0
    if group:
        yield group, (first, last) if first and last else None


def _clamped(number: str | int, most: int) -> int:
    return min(int(number), most)


# -- guards ----------------------------------------------------------------------------------------

#: Beside the trail itself: what must refuse what.
BESIDE = {
    "interop_audit_entry": UPDATE | DELETE | TRUNCATE,
    "interop_audit_epoch": UPDATE | DELETE | TRUNCATE,
    "interop_audit_seal": UPDATE | DELETE | TRUNCATE,
    "interop_audit_leaves": UPDATE | DELETE | TRUNCATE,
    "interop_audit_dropped": UPDATE | DELETE | TRUNCATE,
}

_BODY = re.compile(r"FUNCTION (\w+)\(\) RETURNS trigger.*?AS \$\$(.*?)\$\$", re.DOTALL)
_PART = re.compile(r"interop_audit_entry_(default|[0-9]{6})")


def read_guards(cr: Any) -> Guards:
    """What the catalogue says of the triggers, rules and parts of the trail's tables."""
    expected = dict(_BODY.findall("\n".join((sql.CREATE, sql_retention.CREATE))))
    cr.execute(statements.GUARDED, {"tables": list(BESIDE)})
    tables = [
        guards.Table(name, BESIDE.get(name, UPDATE | DELETE | TRUNCATE), kind, secured, ruled)
        for name, kind, secured, ruled in cr.fetchall()
    ]
    names = [table.name for table in tables]
    cr.execute(statements.TRIGGERS, {"tables": names})
    triggers = [guards.Trigger(*row) for row in cr.fetchall()]
    cr.execute(statements.FUNCTIONS, {"names": list(expected)})
    functions = dict(cr.fetchall())
    cr.execute(statements.DETACHED)
    detached = [row[0] for row in cr.fetchall()]
    cr.execute(statements.SILENCED)
    silenced = [row[0] for row in cr.fetchall()]
    return Guards(
        tables,
        triggers,
        functions,
        expected,
        detached=detached,
        foreign=[name for name in names if name not in BESIDE and not _PART.fullmatch(name)],
        silenced=silenced,
        missing=sorted(set(BESIDE) - set(names)),
    )
