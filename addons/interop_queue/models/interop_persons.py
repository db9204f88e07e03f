from collections.abc import Iterable

from odoo import api, models

from odoo.addons.interop_vault.lib.blind import blind

from ..engine.transaction import run
from ..lib.statements import statement

#: Who was told something about a person can be told for six years (45 CFR 164.528(a)).
KEPT_DAYS = 2192
EXPIRED_AT_ONCE = 5000


class InteropPersons(models.AbstractModel):
    """The blind index: which messages concern a person, by keyed digests of what points to one.

    The engine writes it while it has a document in its hands. A digest tells nothing without the
    keyring, which lies outside the database. It outlives the content, which is purged sooner.
    """

    _name = "interop.persons"
    _description = "Blind Index of Persons"

    def init(self):
        self.env.cr.execute(statement("create_persons"))

    @api.model
    def _messages_of(self, values: Iterable[str]) -> list[int]:
        """Ids of the messages about whoever one of these names, numbers or addresses points to."""
        return self._messages_by(self._digests(values))

    @api.model
    def _digests(self, values: Iterable[str]) -> list[str]:
        """What they are looked up by, each 64 hexadecimal digits; empty values are left out."""
        keyring = self.env["interop.keyring"]._get()
        return sorted({blind(keyring, value) for value in values if str(value or "").strip()})

    @api.model
    def _messages_by(self, digests: list[str]) -> list[int]:
        return sorted(row["id"] for row in run(self.env.cr, "find_persons", digests=digests))

    @api.model
    def _forget(self, digests: list[str], message_ids: list[int]) -> None:
        """These messages are not found by these digests any more; by others they still are."""
        run(self.env.cr, "forget_persons", digests=digests, ids=message_ids)

    @api.autovacuum
    def _gc_persons(self) -> tuple[int, int]:
        run(self.env.cr, "expire_persons", days=KEPT_DAYS, limit=EXPIRED_AT_ONCE)
        count = self.env.cr.rowcount
        return count, EXPIRED_AT_ONCE if count == EXPIRED_AT_ONCE else 0
