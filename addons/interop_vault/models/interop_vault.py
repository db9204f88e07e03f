from collections.abc import Iterable, Sequence

from psycopg2 import Binary

from odoo import api, models

from odoo.addons.interop_audit.lib.entry import AuditRow

from .. import sql
from ..lib.refs import SealedRef, Sealing
from ..lib.sealing import Place, Sealed, VaultError, seal, unseal


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
    def _seal_many(self, sealings: Sequence[Sealing]) -> list[SealedRef]:
        """Seal and store all; each becomes the newest generation of its (uuid, kind).

        Two statements whatever their number. References come back in the order of ``sealings``.
        Raises KeyringError if there is no usable key: then nothing was stored.
        """
        if not sealings:
            return []
        keyring = self.env["interop.keyring"]._get()
        instance = self.env["interop.instance"]._get_uuid()
        newest = self._generations((s.uuid, s.kind) for s in sealings)
        rows = []
        refs = []
        for sealing in sealings:
            key = (sealing.uuid.lower(), sealing.kind)
            generation = newest[key] = newest.get(key, 0) + 1
            place = Place(instance, key[0], sealing.kind, generation)
            sealed = seal(keyring, place, sealing.data)
            rows.append(
                (
                    key[0],
                    sealing.kind,
                    generation,
                    sealed.key_id,
                    sealing.retention_class,
                    Binary(sealed.wrapped_key),
                    Binary(sealed.sealed),
                    sealed.digest,
                    sealed.size,
                )
            )
            refs.append(
                SealedRef(sealing.uuid, sealing.kind, generation, sealed.digest, sealed.size)
            )
        self.env.cr.execute(sql.INSERT, [list(column) for column in zip(*rows, strict=True)])
        return refs

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
        self.env.cr.execute(sql.OPEN, [list(uuids), list(kinds)])
        opened = {}
        for uuid, kind, generation, key_id, wrapped, sealed, digest, size in self.env.cr.fetchall():
            if wrapped is None:
                raise VaultError(
                    self.env._("This content was purged. Its digest is kept as evidence."),
                    reason="shredded",
                )
            content = Sealed(key_id, bytes(wrapped), bytes(sealed), digest, size)
            place = Place(instance, uuid, kind, generation)
            opened[asked[(uuid, kind)]] = unseal(keyring, place, content)
        return opened

    @api.model
    def _has(self, uuid: str, kind: str) -> bool:
        """Whether there is content that was not purged."""
        self.env.cr.execute(sql.HAS, [uuid, kind])
        row = self.env.cr.fetchone()
        return bool(row and row[0])

    @api.model
    def _shred(self, uuids: Iterable[str]) -> int:
        """Purge all content under these uuids for good; digests stay. Says how many pieces."""
        self.env.cr.execute(sql.SHRED, [list(uuids)])
        shredded = [row[0] for row in self.env.cr.fetchall()]
        if shredded:
            self.env["interop.audit"]._record_many(
                [AuditRow(act="vault.shred", subject=uuid) for uuid in sorted(set(shredded))]
            )
        return len(shredded)

    def _generations(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        uuids, kinds = zip(*{(uuid.lower(), kind) for uuid, kind in places}, strict=True)
        self.env.cr.execute(sql.GENERATIONS, [list(uuids), list(kinds)])
        return {(uuid, kind): generation for uuid, kind, generation in self.env.cr.fetchall()}
