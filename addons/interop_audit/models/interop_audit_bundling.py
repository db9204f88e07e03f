import io
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from odoo import api, models

from odoo.addons.interop_base.lib.failures import InternalError

from .. import sql_bundles as sql
from ..lib.evidence import leaf
from ..lib.evidence.bundle_making import Proofs, Sealed, make
from ..lib.evidence.levels import Levels
from ..lib.evidence.seal import Statement
from ..sql_seals import LEAVES_OF


@dataclass(frozen=True, slots=True)
class EntryRef:
    """An entry by its number, with what its place among the seals and who may see it depend on."""

    id: int
    txid: int
    company_id: int | None = None
    area_id: int | None = None


class InteropAuditBundling(models.AbstractModel):
    """Reads from the trail what evidence bundles are made of: entries, proofs, seals.

    Who asks for a bundle and about what is the business of the modules above. They check rights;
    nothing here does.
    """

    _name = "interop.audit.bundling"
    _description = "Evidence Bundles: Entries and Proofs"

    @api.model
    def _newest_seal(self) -> int:
        """Number of the newest seal; 0 if there is none."""
        self.env.cr.execute(sql.NEWEST)
        return self.env.cr.fetchone()[0]

    @api.model
    def _entries_about(
        self,
        subjects: Iterable[str] = (),
        records: Iterable[tuple[str, int]] = (),
        published: Iterable[tuple[str, int, str]] = (),
    ) -> list[EntryRef]:
        """Entries about messages and the like by UUID, about records (model, id), and about the
        publication of versions (model, id of what was published, digest), in order of number."""
        records, published = list(records), list(published)
        self.env.cr.execute(
            sql.ABOUT,
            {
                "subjects": list(subjects),
                "models": [model for model, _id in records],
                "ids": [number for _model, number in records],
                "publishers": [model for model, _id, _digest in published],
                "published": [number for _model, number, _digest in published],
                "digests": [digest for _model, _id, digest in published],
            },
        )
        return [EntryRef(row[0], int(row[1]), *row[2:]) for row in self.env.cr.fetchall()]

    @api.model
    def _log_before(self, head: int) -> Levels:
        """The tree over the statements before the seal `head`. Worth keeping for many bundles."""
        out = io.BytesIO()
        cr = self.env.cr
        cr.copy_expert(cr._obj.mogrify(sql.LOG, {"head": head}), out)
        hashes = [bytes.fromhex(each.decode()) for each in out.getvalue().split(b"\n")[:-1]]
        if len(hashes) != head - 1:
            raise InternalError("Seals are missing. Verify the audit trail.")
        return Levels(hashes)

    @api.model
    def _sealed_in(self, entries: Sequence[EntryRef], head: int, proofs: Proofs) -> dict[int, int]:
        """Number of the seal of each entry; those that no seal up to `head` holds are left out."""
        cr = self.env.cr
        cr.execute(sql.EPOCHS)
        epochs: list[tuple[int, int]] = cr.fetchall()
        orders: dict[int, tuple[int, bool, int]] = {}

        def order(number: int) -> tuple[int, bool, int]:
            if number not in orders:
                cr.execute(sql.ORDER, [number])
                epoch, is_range, low, _high = cr.fetchone()
                orders[number] = (epoch, is_range, int(low))
            return orders[number]

        found = {}
        for entry in entries:
            begun = bisect_right(epochs, entry.id - 1, key=lambda each: each[1])
            wanted = [(epochs[begun - 1][0], True, entry.txid)] if begun else []
            # What its own epoch left open, the next one began with.
            wanted += [(epochs[begun][0], False, entry.id - 1)] if begun < len(epochs) else []
            for target in wanted:
                number = bisect_right(range(1, head + 1), target, key=order)
                if number and proofs.place(number, entry.id) is not None:
                    found[entry.id] = number
                    break
        return found

    @api.model
    def _proofs(self) -> Proofs:
        """Paths from entries to the roots of their seals."""
        cr = self.env.cr

        def leaves(number: int) -> bytes | None:
            cr.execute(LEAVES_OF, [number])
            row = cr.fetchone()
            return bytes(row[0]) if row else None

        return Proofs(leaves)

    @api.model
    def _unsigned_bundle(
        self,
        *,
        entry_ids: Sequence[int],
        head: int,
        log: Levels | None = None,
        **parts: Any,
    ) -> dict[str, Any]:
        """A bundle of these entries as of the seal `head`; the same bytes whenever it is asked for.

        `parts`: about, made, facts, versions, unsealed, against, as `bundle_making.make` has them.
        Raises InternalError if one of the entries is no longer there or not in its seal: dropped by
        retention, or the trail was bent, which a verification tells.
        """
        cr, proofs = self.env.cr, self._proofs()
        lines = self._lines(entry_ids)
        cr.execute(sql.REFS, [list(entry_ids)])
        refs = [EntryRef(row[0], int(row[1])) for row in cr.fetchall()]
        places = self._sealed_in(refs, head, proofs)
        if lines.keys() != set(entry_ids) or places.keys() != set(entry_ids):
            raise InternalError(
                "Entries of this bundle are no longer in the trail as they were sealed: their "
                "month was dropped at the end of its retention, or the trail was changed. "
                "Verify it."
            )
        seals = self._seals({head, *places.values()})
        return make(
            instance=Statement.parse(seals[head].statement).instance,
            entries=[(lines[entry], places[entry]) for entry in entry_ids],
            seals=seals,
            head=head,
            proofs=proofs,
            log=log or self._log_before(head),
            **parts,
        )

    def _lines(self, entry_ids: Sequence[int]) -> dict[int, bytes]:
        cr, out = self.env.cr, io.BytesIO()
        cr.copy_expert(cr._obj.mogrify(sql.LINES, {"ids": list(entry_ids)}), out)
        return {leaf.entry_id(line): line for line in out.getvalue().split(b"\n")[:-1]}

    def _seals(self, numbers: Iterable[int]) -> Mapping[int, Sealed]:
        self.env.cr.execute(sql.SEALS, [list(numbers)])
        return {
            number: Sealed(statement, bytes(signature), bytes(endorsement or b""))
            for number, statement, signature, endorsement in self.env.cr.fetchall()
        }
