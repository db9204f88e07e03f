from datetime import UTC, datetime

from odoo import api, models


class InteropAuditRetention(models.AbstractModel):
    """A legal hold keeps the trail of what it covers, not only the content."""

    _inherit = "interop.audit.retention"

    @api.model
    def _held(self, first: datetime, until: datetime) -> str | None:
        held = super()._held(first, until)
        if held:
            return held
        for hold in self.env["interop.legal.hold"].sudo().search([("state", "=", "active")]):
            begins = self._begins(hold)
            if begins is None or until > begins:
                return self.env._("Held by the legal hold “%s”.", hold.name)
        return None

    def _begins(self, hold: models.Model) -> datetime | None:
        """From when on the hold keeps the trail; None: all of it.

        What was done about a message may be recorded years later, so a hold has no end here.
        """
        begins = hold.date_from
        if not begins:
            # Purged messages are covered too: their row says when they were accepted.
            oldest = self.env["interop.message"].sudo()
            begins = oldest.search(hold._message_domain(), order="created_at", limit=1).created_at
        return begins.replace(tzinfo=UTC) if begins else None
