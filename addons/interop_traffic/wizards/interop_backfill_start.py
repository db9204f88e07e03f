from odoo import api, fields, models


class InteropBackfillStart(models.TransientModel):
    """How much a backfill is, before it begins."""

    _name = "interop.backfill.start"
    _description = "Start a Backfill"

    backfill_id = fields.Many2one(
        "interop.backfill", required=True, ondelete="cascade", help="What is started."
    )
    record_count = fields.Integer(
        string="Records", compute="_compute_told", help="How many records are chosen now."
    )
    told = fields.Char(compute="_compute_told", help="What will happen, in words.")
    reason = fields.Char(
        required=True, help="Why. It is kept in the audit trail, so write no patient data here."
    )

    @api.depends("backfill_id")
    def _compute_told(self) -> None:
        for start in self:
            start.record_count = start.backfill_id._count() if start.backfill_id else 0
            start.told = start.backfill_id._told_forecast(start.record_count)

    def action_start(self) -> dict:
        """Begin."""
        self.ensure_one()
        self.backfill_id._start(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
