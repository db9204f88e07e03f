from odoo import fields, models

from ..lib.priorities import NORMAL, PRIORITIES


class InteropMessagePriority(models.TransientModel):
    _name = "interop.message.priority"
    _description = "Change the Priority of Messages"

    message_ids = fields.Many2many(
        "interop.message", required=True, help="The messages that this is about."
    )
    priority = fields.Selection(
        list(PRIORITIES),
        required=True,
        default=str(NORMAL),
        help="Urgent messages go first, low ones last. The order within a chain stays.",
    )
    reason = fields.Char(
        required=True, help="Why. It is kept in the audit trail, so write no patient data here."
    )

    def action_set(self) -> dict:
        """Give the chosen messages this priority."""
        self.ensure_one()
        self.message_ids.action_set_priority(int(self.priority), self.reason)
        return {"type": "ir.actions.act_window_close"}
