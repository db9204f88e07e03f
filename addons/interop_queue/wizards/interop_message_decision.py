from odoo import api, fields, models


class InteropMessageDecision(models.TransientModel):
    _name = "interop.message.decision"
    _description = "Cancel Messages With a Reason"

    message_ids = fields.Many2many(
        "interop.message", required=True, help="The messages that this is about."
    )
    reason = fields.Char(
        required=True, help="Why. It is kept in the audit trail, so write no patient data here."
    )
    stood_for_count = fields.Integer(
        compute="_compute_stood_for_count",
        help="How many later updates of the same records only these bring to the partner.",
    )

    @api.depends("message_ids")
    def _compute_stood_for_count(self) -> None:
        for wizard in self:
            wizard.stood_for_count = wizard.message_ids._count_stood_for()

    def action_cancel(self) -> dict:
        """Cancel the chosen messages."""
        self.ensure_one()
        self.message_ids.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
