from odoo import fields, models
from odoo.exceptions import UserError

from ..dropping import NotDropped
from ..lib.months import Month


class InteropAuditMonthDrop(models.TransientModel):
    """Drops a month of the trail whose time is over, by hand."""

    _name = "interop.audit.month.drop"
    _description = "Drop a Month of the Audit Trail"

    month = fields.Char(required=True, readonly=True, help="Year and month of the entries.")
    entries = fields.Integer(readonly=True, help="How many entries go.")
    reason = fields.Text(
        required=True, help="Why it is dropped now. It is kept in the audit trail."
    )

    def action_drop(self) -> dict:
        """Drop it for good, or say why it stays."""
        self.ensure_one()
        retention = self.env["interop.audit.retention"]
        retention._require_manager()
        if len((self.reason or "").strip()) < 5:
            raise UserError(self.env._("Say in a few words why the month is dropped now."))
        try:
            retention.sudo()._drop(Month.named(self.month), self.reason.strip())
        except NotDropped as why:
            raise UserError(
                self.env._("%(month)s stays. %(why)s", month=self.month, why=why.sentence)
            ) from why
        return {"type": "ir.actions.client", "tag": "soft_reload"}
