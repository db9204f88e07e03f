from odoo import api, fields, models


class InteropMessageResend(models.TransientModel):
    """Sending again with a new key asks for a reason and says what the partner will see."""

    _name = "interop.message.resend"
    _description = "Send Again as a New Message"

    message_ids = fields.Many2many(
        "interop.message", required=True, help="The messages that this is about."
    )
    reason = fields.Char(
        required=True,
        help="Why. It is kept in the audit trail beside your name, so write no patient data here.",
    )
    told = fields.Char(compute="_compute_counts", help="What the partner will see.")
    message_count = fields.Integer(
        string="Messages", compute="_compute_counts", help="How many new messages are made."
    )
    dead_count = fields.Integer(
        compute="_compute_counts", help="How many of them are dead letters, which are cancelled."
    )
    arrived_count = fields.Integer(
        compute="_compute_counts", help="How many of them the partner has taken already."
    )
    kept_count = fields.Integer(
        compute="_compute_counts", help="How many of them bring the document that they brought."
    )
    chain_count = fields.Integer(
        compute="_compute_counts", help="How many messages wait in the chains of these."
    )

    @api.depends("message_ids")
    def _compute_counts(self) -> None:
        for wizard in self:
            chosen = wizard.message_ids
            wizard.message_count = len(chosen)
            wizard.told = (
                self.env._("The partner will see a new message")
                if len(chosen) == 1
                else self.env._("Partners will see %s new messages", len(chosen))
            )
            wizard.dead_count = len(chosen.filtered(lambda m: m.state == "dead"))
            wizard.arrived_count = len(chosen.filtered(lambda m: m.state in ("sent", "done")))
            wizard.kept_count = len(chosen.filtered(lambda m: not m.res_id))
            wizard.chain_count = chosen._count_behind()

    def action_resend(self) -> dict:
        """Make the new messages and show them."""
        self.ensure_one()
        made = self.message_ids.action_resend(self.reason)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        action |= {"name": self.env._("Sent again"), "context": {}}
        if len(made) == 1:
            return action | {"res_id": made.id, "views": [(False, "form")]}
        return action | {"domain": [("id", "in", made.ids)]}
