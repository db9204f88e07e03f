from datetime import timedelta
from typing import Self

from odoo import fields, models

from odoo.addons.interop_exception.lib.kinds import UNRELEASED
from odoo.addons.interop_exception.models.interop_exception_raising import HANDLER_BASE

SWEEP_LIMIT = 500


class InteropException(models.Model):
    """Batches that nobody has released in time."""

    _inherit = "interop.exception"

    def _sweep_batches(self) -> Self:
        """One open exception for each batch whose release is overdue; the new ones are returned."""
        awaiting = (
            self.env["interop.batch"]
            .sudo()
            .search([("state", "=", "awaiting_release")], limit=SWEEP_LIMIT)
        )
        now = fields.Datetime.now()
        late = awaiting.filtered(lambda batch: batch.release_due_at and batch.release_due_at < now)
        open_ones = self._store().search(
            [("kind", "=", UNRELEASED.code), ("state", "in", ["open", "in_progress"])]
        )
        keys = {self._batch_key(batch) for batch in awaiting}
        if gone := open_ones.filtered(lambda exception: exception.dedup_key not in keys):
            gone._settle("settled", self.env._("The batch does not await its release any more."))
        known = set(open_ones.mapped("dedup_key"))
        values = [
            self._batch_values(batch, now) for batch in late if self._batch_key(batch) not in known
        ]
        return self._store().create(values) if values else self._store().browse()

    def _batch_values(self, batch: models.Model, now) -> dict:
        return {
            "name": self.env._(
                "%(batch)s of “%(flow)s” with %(count)s documents awaits its release.",
                batch=batch.name,
                flow=batch.flow_id.name,
                count=batch.document_count,
            ),
            "kind": UNRELEASED.code,
            "failure_class": False,
            "due_at": now + timedelta(hours=UNRELEASED.due_hours),
            "connector_id": batch.connector_id.id,
            "flow_id": batch.flow_id.id,
            "company_id": batch.company_id.id,
            "area_id": batch.area_id.id,
            "partner_id": batch.connector_id.partner_id.id,
            "document_ref": batch.name,
            "currency_id": (batch.company_id or self.env.company).currency_id.id,
            "dedup_key": self._batch_key(batch),
            "decision_handler": HANDLER_BASE,
            "decision_codes": "close",
            "state": "open",
        }

    def _batch_key(self, batch: models.Model) -> str:
        return f"unreleased:{batch.id}"
