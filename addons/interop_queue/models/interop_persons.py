import time
from collections.abc import Iterable

from odoo import SUPERUSER_ID, api, models

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.canonical import read_json
from odoo.addons.interop_vault.lib.blind import blind

from ..engine.keys import note_persons
from ..engine.transaction import read_committed, run
from ..lib.statements import statement

#: Who was told something about a person can be told for six years (45 CFR 164.528(a)).
KEPT_DAYS = 2192
EXPIRED_AT_ONCE = 5000
#: Messages below this id are of before the index. Empty: all are indexed.
PARAMETER = "interop_queue.persons_below"
BATCH = 200
RUN_SECONDS = 8.0


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

    # -- messages of before the index ----------------------------------------------------------

    @api.model
    def _is_partial(self) -> bool:
        """Whether there are messages that are not indexed yet."""
        return bool(self._below())

    @api.model
    def _below(self) -> int:
        return int(self.env["ir.config_parameter"].sudo().get_param(PARAMETER) or 0)

    @api.model
    def _cron_index_older(self, seconds: float = RUN_SECONDS) -> None:
        """Index them, the newest first."""
        until = time.monotonic() + seconds
        left = self._below()
        while left and time.monotonic() < until:
            with read_committed(self.env.registry) as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                left = env["interop.persons"]._index_below(left)
                env["ir.config_parameter"].set_param(PARAMETER, str(left) if left else False)
                env.flush_all()
        if left:
            self.env.ref("interop_queue.cron_index_persons")._trigger()

    @api.model
    def _index_below(self, before: int) -> int:
        """Index the next few; return below which id there are more."""
        rows = run(self.env.cr, "unindexed", before=before, limit=BATCH)
        places = [(row["uuid"], "document") for row in rows]
        opened = self.env["interop.vault"]._open_many(places)
        met = []
        for row in rows:
            data = opened.get((row["uuid"], "document"))
            if data is None:
                continue
            try:
                _version, plan = self.env["interop.flow.version"]._plan_of(row["flow_id"])
            except InteropError:
                continue  # never published, or by another release
            met.append((row["id"], plan.people.values(read_json(data))))
        note_persons(self.env, met)
        return rows[-1]["id"] if len(rows) == BATCH else 0

    @api.autovacuum
    def _gc_persons(self) -> tuple[int, int]:
        run(self.env.cr, "expire_persons", days=KEPT_DAYS, limit=EXPIRED_AT_ONCE)
        count = self.env.cr.rowcount
        # The scheduled action has nothing left to do; while it runs it cannot say so itself.
        cron = self.env.ref("interop_queue.cron_index_persons", raise_if_not_found=False)
        if cron and cron.active and not self._is_partial():
            cron.active = False
        return count, EXPIRED_AT_ONCE if count == EXPIRED_AT_ONCE else 0
