from odoo import fields, models


class InteropMessageLettingGo(models.TransientModel):
    _name = "interop.message.letting.go"
    _description = "Let Messages Go With a Reason"

    message_ids = fields.Many2many(
        "interop.message", required=True, help="The messages that this is about."
    )
    reason = fields.Char(
        required=True, help="Why. It is kept in the audit trail, so write no patient data here."
    )

    def action_let_go(self) -> dict:
        """Do not wait for other flows' messages any longer."""
        self.ensure_one()
        self.message_ids.action_let_go(self.reason)
        return {"type": "ir.actions.act_window_close"}
