from odoo import api, fields, models

from ..lib.states import STATES


class InteropMessageDependency(models.Model):
    """One message waits for another, of a different flow: an order for its partner.

    Written by the engine's statements (`sql/routing.sql`) only.
    """

    _name = "interop.message.dependency"
    _description = "Message: What It Waits For"
    _order = "id desc"
    _log_access = False

    message_id = fields.Many2one(
        "interop.message", required=True, readonly=True, ondelete="cascade",
        help="The message that waits.",
    )  # fmt: skip
    needs_id = fields.Many2one(
        "interop.message", required=True, readonly=True, ondelete="cascade",
        help="The message that has to end first.",
    )  # fmt: skip
    holds = fields.Boolean(
        required=True, readonly=True, default=True, help="The message that waits has not ended."
    )
    waived = fields.Boolean(
        string="Let go", required=True, readonly=True, default=False,
        help="A person decided that it is not waited for.",
    )  # fmt: skip
    message_name = fields.Char(
        string="Waiting message", compute="_compute_names", help="The message that waits."
    )
    message_state = fields.Selection(
        STATES, string="Its state", compute="_compute_names", help="How far it is."
    )
    needs_name = fields.Char(
        string="Waits for", compute="_compute_names", help="The message that has to end first."
    )
    needs_state = fields.Selection(
        STATES, string="State of what it waits for", compute="_compute_names",
        help="A dead letter is waited for until a person runs it again or cancels it.",
    )  # fmt: skip

    _once = models.UniqueIndex("(message_id, needs_id)")
    # What the claim looks at, and what the sweep walks: small, whatever was waited for in the past.
    _open = models.Index("(message_id) WHERE holds")
    _needed = models.Index("(needs_id)")

    @api.depends("message_id", "needs_id")
    def _compute_names(self) -> None:
        """Who may not see the other message learns that there is one, and its state."""
        for each in self:
            for name, message in (("message", each.message_id), ("needs", each.needs_id)):
                each[f"{name}_state"] = message.sudo().state
                each[f"{name}_name"] = (
                    message.display_name
                    if message.has_access("read")
                    else self.env._("A message of another business area or company")
                )

    def action_open_needed(self) -> dict:
        """Open the message that is waited for."""
        self.ensure_one()
        return self._open_message(self.needs_id)

    def action_open_waiting(self) -> dict:
        """Open the message that waits."""
        self.ensure_one()
        return self._open_message(self.message_id)

    def _open_message(self, message: models.BaseModel) -> dict:
        message.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": message._name,
            "res_id": message.id,
            "views": [(False, "form")],
        }
