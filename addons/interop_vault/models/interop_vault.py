from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from odoo import api, models

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_base.lib.keyring import month_of, period_of

from .. import sql
from ..lib.refs import SealedRef, Sealing, Shredded
from ..lib.rows import Rows, bigint, integer
from ..lib.sealing import PIECE, Place, Sealed, VaultError, seal, unseal
from ..lib.wrapped import register_tables

#: Sealed bytes that wait for each other to be stored together.
GATHERED = 1024 * 1024
COPIED_AT_ONCE = 64 * 1024

register_tables()


class InteropVault(models.AbstractModel):
    """Keeps the content of messages sealed, apart from the rows that lists and claims read."""

    _name = "interop.vault"
    _description = "Vault"

    def init(self):
        self.env.cr.execute(sql.EXISTS)
        [exists] = self.env.cr.fetchone()
        if not exists:
            self.env.cr.execute(sql.CREATE)

    @api.model
    def _seal_many(self, sealings: Sequence[Sealing], fresh: bool = False) -> list[SealedRef]:
        """Seal and store all; each becomes the newest generation of its (uuid, kind).

        A query and a copy whatever their number; what is large is stored by itself, so that not
        more than one sealed form of it is in memory at a time. ``fresh`` says that nothing was
        ever stored under these (uuid, kind) and saves the query: if it is not so, storing fails.
        References come back in the order of ``sealings``. Raises KeyringError if there is no usable
        key: then nothing was stored, or it must be undone.
        """
        if not sealings:
            return []
        keyrings = self.env["interop.keyring"]
        month = month_of(datetime.now(UTC))
        periods = {each: period_of(each, month) for each in {s.retention_class for s in sealings}}
        keyring = keyrings._get_for(periods.values())
        instance = self.env["interop.instance"]._get_uuid()
        newest = {} if fresh else self._generations((s.uuid, s.kind) for s in sealings)
        refs = []
        rows: list[list[bytes]] = []
        gathered = 0
        for sealing in sealings:
            key = (sealing.uuid.lower(), sealing.kind)
            generation = newest[key] = newest.get(key, 0) + 1
            place = Place(instance, key[0], sealing.kind, generation)
            sealed = seal(keyring, place, sealing.data, periods[sealing.retention_class])
            refs.append(
                SealedRef(sealing.uuid, sealing.kind, generation, sealed.digest, sealed.size)
            )
            gathered += len(sealed.sealed)
            rows.append(self._row(place, sealing.retention_class, month, sealed))
            del sealed
            if gathered > GATHERED:
                self._copy(rows)
                rows, gathered = [], 0
        if rows:
            self._copy(rows)
        keyrings._require_kept(keyring, periods.values())
        return refs

    def _row(self, place: Place, retention_class: str, month: str, sealed: Sealed) -> list[bytes]:
        return [
            UUID(place.uuid).bytes,
            place.kind.encode(),
            integer(place.generation),
            sealed.key_id.encode(),
            retention_class.encode(),
            month.encode(),
            sealed.wrapped_key,
            sealed.sealed,
            sealed.digest.encode(),
            bigint(sealed.size),
            bigint(len(sealed.sealed)),
        ]

    def _copy(self, rows: list[list[bytes]]) -> None:
        self.env.cr.copy_expert(sql.COPY, Rows(rows), COPIED_AT_ONCE)

    @api.model
    def _open(self, uuid: str, kind: str) -> bytes:
        """The newest clear bytes. Raises :class:`VaultError` or KeyringError."""
        content = self._open_many([(uuid, kind)])
        try:
            return content[(uuid, kind)]
        except KeyError:
            raise VaultError(
                self.env._("There is no content kept for this record."), reason="missing"
            ) from None

    @api.model
    def _open_many(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        """The newest clear bytes of each (uuid, kind), in one query. Those unknown are left out.

        Raises :class:`VaultError` if one was purged or does not open.
        """
        asked = {(uuid.lower(), kind): (uuid, kind) for uuid, kind in places}
        if not asked:
            return {}
        keyring = self.env["interop.keyring"]._get()
        instance = self.env["interop.instance"]._get_uuid()
        uuids, kinds = zip(*asked, strict=True)
        cr = self.env.cr
        cr.execute(sql.OPEN, [list(uuids), list(kinds), PIECE])
        opened = {}
        for row in cr.fetchall():
            row_id, uuid, kind, generation, key_id, wrapped, sealed, digest, size, stored = row
            if wrapped is None:
                raise VaultError(
                    self.env._("This content was purged. Its digest is kept as evidence."),
                    reason="shredded",
                )
            content = Sealed(key_id, bytes(wrapped), bytes(sealed or b""), digest, size)
            place = Place(instance, uuid, kind, generation)
            pieces = self._pieces(row_id, stored) if sealed is None else None
            opened[asked[(uuid, kind)]] = unseal(keyring, place, content, pieces)
        return opened

    def _pieces(self, row_id: int, size: int) -> Iterator[bytes]:
        """The sealed bytes of a large row. A row at once would be in memory in several forms."""
        for start in range(1, size + 1, PIECE):
            self.env.cr.execute(sql.PIECE, [start, PIECE, row_id])
            [[piece]] = self.env.cr.fetchall()
            # None: purged since; then it does not open.
            yield bytes(piece or b"")

    @api.model
    def _has(self, uuid: str, kind: str) -> bool:
        """Whether there is content that was not purged."""
        self.env.cr.execute(sql.HAS, [uuid, kind])
        row = self.env.cr.fetchone()
        return bool(row and row[0])

    @api.model
    def _shred(self, uuids: Iterable[str]) -> int:
        """Purge all content under these uuids for good; digests stay. Says how many pieces."""
        shredded = self._shred_pieces(uuids)
        if shredded:
            subjects = sorted({each.uuid for each in shredded})
            self.env["interop.audit"]._record_many(
                [AuditRow(act="vault.shred", subject=uuid) for uuid in subjects]
            )
        return len(shredded)

    @api.model
    def _shred_pieces(self, uuids: Iterable[str]) -> list[Shredded]:
        """As :meth:`_shred`, for callers that write the audit trail themselves."""
        self.env.cr.execute(sql.SHRED, [list(uuids)])
        return [Shredded(*row) for row in self.env.cr.fetchall()]

    @api.model
    def _lives(self, retention_class: str, period: str) -> bool:
        """Whether content of this class and month (YYYY-MM) is not purged yet."""
        self.env.cr.execute(sql.LIVES, [retention_class, period])
        return self.env.cr.fetchone()[0]

    @api.model
    def _holds_class(self, retention_class: str) -> bool:
        """Whether anything was ever sealed under this class."""
        self.env.cr.execute(sql.HOLDS_CLASS, [retention_class])
        return self.env.cr.fetchone()[0]

    def _generations(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        uuids, kinds = zip(*{(uuid.lower(), kind) for uuid, kind in places}, strict=True)
        self.env.cr.execute(sql.GENERATIONS, [list(uuids), list(kinds)])
        return {(uuid, kind): generation for uuid, kind, generation in self.env.cr.fetchall()}
