import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg2
from psycopg2.errors import LockNotAvailable
from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

from odoo import SUPERUSER_ID, api, models
from odoo.sql_db import Cursor
from odoo.tools import SQL

from odoo.addons.interop_base.lib.failures import InteropError

from .. import sql_seals as sql
from ..lib.evidence import leaf, merkle, seal
from ..lib.evidence.seal import Statement
from ..shutdown import seal_at_stop

_logger = logging.getLogger(__name__)

PURPOSE = "audit"
#: Entries in a seal. A single transaction that wrote more is not divided.
AT_MOST = 50_000
#: Ids that are compared at once when an epoch begins.
COMPARED = 200_000
#: Without entries a seal is made this often (seconds), so that anchors show that time passed.
IDLE_SECONDS = 3600
RUN_SECONDS = 20.0
STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class _Epoch:
    number: int
    place: str
    after: int
    low: str


@dataclass(frozen=True, slots=True)
class _Last:
    """The newest seal."""

    number: int
    epoch: int
    kind: str
    high: str
    statement: str
    frontier: bytes
    is_old: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """What the next seal is to hold: the lines of its entries in order."""

    kind: str
    low: str
    high: str
    lines: list[bytes]


class InteropAuditSealer(models.AbstractModel):
    """Seals the trail: a signed Merkle root over the entries committed since the seal before.

    Each seal is a transaction of its own. It reads what has ended and waits for nobody; who writes
    entries does not notice it. One sealer at a time, on whichever host.
    """

    _name = "interop.audit.sealer"
    _description = "Sealing of the Audit Trail"

    def init(self):
        cr = self.env.cr
        cr.execute(sql.CREATE)
        for table in sql.APPEND_ONLY:
            cr.execute(SQL(sql.CREATE_TRIGGERS, table=SQL.identifier(table)))
        cr.execute(sql.CREATE_LEAVES_TRIGGERS)

    def _register_hook(self):
        super()._register_hook()
        seal_at_stop(self.env.cr.dbname)

    @api.model
    def _cron_seal(self) -> None:
        """What the scheduled action runs. Nothing is lost if it fails: the next run seals it."""
        try:
            self._seal()
        except (InteropError, psycopg2.Error) as failure:
            sentence = getattr(failure, "sentence", type(failure).__name__)
            # An installation that is not set up yet is no failure.
            level = logging.ERROR if self.env["interop.fence"]._state().is_open else logging.DEBUG
            _logger.log(level, "interop: the audit trail could not be sealed: %s", sentence)
            if level == logging.ERROR:
                self._alarm("seal_failed", sentence)

    @api.model
    def _seal_last(self) -> None:
        """Seal what is there before this process ends: quickly or not at all."""
        try:
            self._seal(seconds=STOP_SECONDS)
        except (InteropError, psycopg2.Error) as failure:
            sentence = getattr(failure, "sentence", type(failure).__name__)
            _logger.info("interop: the audit trail was not sealed at the end: %s", sentence)

    @api.model
    def _seal(self, seconds: float = RUN_SECONDS, at_most: int = AT_MOST) -> list[int]:
        """Seal all that can be sealed now, for about `seconds`; the numbers of the new seals.

        Raises :class:`KeyringError` if there is no key to sign with. Returns nothing if another
        sealer is at work, or if there is nothing to seal.
        """
        until, numbers = time.monotonic() + seconds, []
        while True:
            with self._transaction() as cr:
                number, more = self.with_env(self.env(cr=cr, user=SUPERUSER_ID))._seal_next(at_most)
            if number:
                numbers.append(number)
            if not more or time.monotonic() > until:
                break
        if numbers:
            self._after(numbers)
        return numbers

    @api.model
    def _lag(self) -> float | None:
        """For how many seconds the oldest entry waits for a seal; None if none does."""
        self.env.cr.execute(sql.LAG)
        return self.env.cr.fetchone()[0]

    @contextmanager
    def _transaction(self) -> Iterator[Cursor]:
        with self.env.registry.cursor() as cr:
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            cr.execute("SET LOCAL jit = off")
            yield cr

    def _after(self, numbers: list[int]) -> None:
        """Tell the anchors. Their failure undoes no seal."""
        anchors = self.env.get("interop.audit.anchors")
        self._alarm("seal_failed", None)
        if anchors is not None:
            anchors._on_sealed(numbers)

    def _alarm(self, code: str, sentence: str | None) -> None:
        """Raise the alarm with this sentence, or end it."""
        alarms = self.env.get("interop.audit.alarms")
        if alarms is None:
            return
        if sentence is None:
            alarms._clear(code)
        else:
            alarms._raise(code, sentence, {})

    # -- one seal ------------------------------------------------------------------------------

    def _seal_next(self, at_most: int) -> tuple[int | None, bool]:
        """Make one seal in this transaction: its number, and whether there is more to seal."""
        cr = self.env.cr
        cr.execute(sql.TRY_LOCK)
        if not cr.fetchone()[0]:
            return None, False
        epoch, last = self._epoch(), self._last()
        if epoch is None:
            return None, False
        if last is None or last.epoch != epoch.number or self._is_bridging(epoch, last):
            run, more = self._bridge(epoch, last, at_most)
        else:
            run, more = self._range(epoch, last, at_most)
            if not run.lines and not last.is_old:
                return None, False
        return self._write(epoch, last, run), more

    def _is_bridging(self, epoch: _Epoch, last: _Last) -> bool:
        return last.kind == "bridge" and int(last.high) < epoch.after

    def _last(self) -> _Last | None:
        self.env.cr.execute(sql.LAST_SEAL, {"idle": IDLE_SECONDS})
        row = self.env.cr.fetchone()
        return _Last(*row[:5], bytes(row[5]), row[6]) if row else None

    def _epoch(self) -> _Epoch | None:
        """The present epoch; a new one if the database does not stand where it stood.

        None if it is a copy that nobody has armed: its seals would bear the number, the instance
        and the signature of the original's.
        """
        cr = self.env.cr
        cr.execute(sql.PLACE)
        [place] = cr.fetchone()
        cr.execute(sql.LAST_EPOCH)
        row = cr.fetchone()
        if row and row[1] == place:
            return _Epoch(*row)
        if row and not self.env["interop.fence"]._state().is_open:
            return None
        cr.execute("SET LOCAL lock_timeout = '3s'")
        try:
            cr.execute(sql.LOCK_WRITERS, log_exceptions=False)
        except LockNotAvailable:
            raise InteropError(
                "A new epoch of the audit trail could not begin, because somebody is writing to it "
                "for a long time. It is tried again every minute."
            ) from None
        number = row[0] + 1 if row else 1
        cr.execute(sql.OPEN_EPOCH, {"number": number, "place": place})
        epoch = _Epoch(*cr.fetchone())
        if row:
            _logger.warning("interop: the audit trail begins epoch %s: the database moved", number)
        return epoch

    def _range(self, epoch: _Epoch, last: _Last, at_most: int) -> tuple[_Run, bool]:
        """The entries of transactions that have ended since the seal before."""
        low = last.high if last.kind == "range" else epoch.low
        self.env.cr.execute(sql.HORIZON)
        high = self.env.cr.fetchone()[0]
        bounds = {"low": low, "after": epoch.after}
        lines = self._copy(sql.COPY_RANGE, {**bounds, "high": high, "limit": at_most + 1})
        if len(lines) <= at_most:
            return _Run("range", low, high, lines), False
        # A transaction is never divided: up to before the one that goes beyond …
        cut = _txid(lines[-1])
        fitting = [line for line in lines if _txid(line) != cut]
        if fitting:
            return _Run("range", low, cut, fitting), True
        # … or that one alone, whatever its size.
        high = str(int(cut) + 1)
        lines = self._copy(sql.COPY_RANGE, {**bounds, "high": high, "limit": None})
        return _Run("range", low, high, lines), True

    def _bridge(self, epoch: _Epoch, last: _Last | None, at_most: int) -> tuple[_Run, bool]:
        """Entries from before the epoch that no seal holds. The last bridge may hold none."""
        cr = self.env.cr
        going_on = last is not None and last.epoch == epoch.number
        low = at = int(last.high) if going_on else 0
        open_ids: list[int] = []
        while at < epoch.after and len(open_ids) < at_most:
            cr.execute(sql.IDS_BETWEEN, {"low": at, "high": epoch.after, "limit": COMPARED})
            ids = [row[0] for row in cr.fetchall()]
            reached = ids[-1] if len(ids) == COMPARED else epoch.after
            missing = set(ids)
            cr.execute(sql.LEAVES_BETWEEN, {"low": at, "high": reached})
            for [leaves] in cr.fetchall():
                missing.difference_update(seal.unpack_leaves(bytes(leaves))[0])
            found = sorted(missing)
            room = at_most - len(open_ids)
            if len(found) > room:
                reached = found[room - 1]
                found = found[:room]
            open_ids += found
            at = reached
        lines = self._copy(sql.COPY_IDS, {"ids": open_ids}) if open_ids else []
        # Not done with the last bridge: what was written since the epoch began comes after it.
        return _Run("bridge", str(low), str(at), lines), True

    def _copy(self, statement: str, values: dict) -> list[bytes]:
        """The lines of entries, as COPY gives them."""
        cr, out = self.env.cr, io.BytesIO()
        cr.copy_expert(cr._obj.mogrify(statement, values), out)
        return out.getvalue().split(b"\n")[:-1]

    def _write(self, epoch: _Epoch, last: _Last | None, run: _Run) -> int:
        version, key = self.env["interop.keyring"]._signer(PURPOSE)
        public = key.public_key().public_bytes_raw().hex()
        ids = [leaf.entry_id(line) for line in run.lines]
        hashes = [leaf.leaf_hash(line) for line in run.lines]
        before = Statement.parse(last.statement) if last else None
        frontier = merkle.Frontier.from_bytes(last.frontier) if last else merkle.Frontier()
        sealed_at = datetime.now(UTC)
        statement = Statement(
            instance=self.env["interop.instance"]._get_uuid(),
            epoch=epoch.number,
            after=epoch.after,
            number=before.number + 1 if before else 1,
            kind=run.kind,
            low=run.low,
            high=run.high,
            count=len(ids),
            first=min(ids, default=0),
            last=max(ids, default=0),
            total=len(ids) + (before.total if before else 0),
            root=merkle.root(hashes).hex(),
            previous=seal.digest(last.statement).hex() if last else "",
            log=frontier.root().hex(),
            sealed_at=f"{sealed_at:%Y-%m-%dT%H:%M:%S.%f}Z",
            key=public,
        )
        text = statement.text()
        frontier.append(seal.digest(text))
        cr = self.env.cr
        cr.execute(
            sql.INSERT_SEAL,
            {
                "number": statement.number,
                "epoch": statement.epoch,
                "kind": statement.kind,
                "low": statement.low,
                "high": statement.high,
                "count": statement.count,
                "first": statement.first,
                "last": statement.last,
                "sealed_at": sealed_at,
                "statement": text,
                "signature": seal.sign(key, text),
                "endorsement": self._endorsed(before, version, public, text),
                "frontier": frontier.to_bytes(),
            },
        )
        if ids:
            cr.execute(sql.INSERT_LEAVES, [statement.number, seal.pack_leaves(ids, hashes)])
        return statement.number

    def _endorsed(
        self, before: Statement | None, version: str, public: str, text: str
    ) -> bytes | None:
        """The previous key's signature, when the key has changed: who trusts it trusts this one."""
        if before is None or before.key == public:
            return None
        keyring = self.env["interop.keyring"]
        for older, known in keyring._public_keys(PURPOSE).items():
            if known == before.key and older != version:
                return seal.sign(keyring._signer(PURPOSE, older)[1], text)
        _logger.warning(
            "interop: the trail is signed with a new key that the former cannot endorse"
        )
        return None


def _txid(line: bytes) -> str:
    return line.split(b"\t", 3)[2].decode()
