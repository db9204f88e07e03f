from odoo import api, fields, models
from odoo.exceptions import UserError


class InteropMessageRedrive(models.TransientModel):
    """Tells how many dead letters will run again and what that means, before it is done."""

    _name = "interop.message.redrive"
    _description = "Run Dead Letters Again"

    message_ids = fields.Many2many(
        "interop.message", required=True, help="The messages that this is about."
    )
    reason = fields.Char(
        help="Why, if there is more to say than that the cause is mended. It is kept in the audit "
        "trail, so write no patient data here."
    )
    masked = fields.Boolean(
        string="Let it leave masked, this once",
        help="What the last look found and held is replaced by marks such as [SSN], and the rest "
        "leaves. Only this time; running the message again forgets it. Say why.",
    )
    may_mask = fields.Boolean(
        compute="_compute_may_mask",
        help="One message that a policy held, and somebody who may decide about it.",
    )
    told = fields.Char(compute="_compute_counts", help="What will happen, in one sentence.")
    dead_count = fields.Integer(
        string="Dead letters", compute="_compute_counts", help="How many will run again."
    )
    other_count = fields.Integer(
        compute="_compute_counts", help="How many of the chosen are no dead letters."
    )
    outbound_count = fields.Integer(
        compute="_compute_counts", help="How many of them go to a partner."
    )
    uncertain_count = fields.Integer(
        compute="_compute_counts",
        help="How many of them may have arrived at the partner already.",
    )
    behind_count = fields.Integer(
        compute="_compute_counts", help="How many messages wait behind them in their chains."
    )
    stood_for_count = fields.Integer(
        compute="_compute_counts",
        help="How many later updates of the same records these bring as well.",
    )

    @api.depends("message_ids")
    def _compute_counts(self) -> None:
        for wizard in self:
            dead = wizard._dead()
            wizard.dead_count = len(dead)
            wizard.told = (
                self.env._("1 dead letter runs again")
                if len(dead) == 1
                else self.env._("%s dead letters run again", len(dead))
            )
            wizard.other_count = len(wizard.message_ids) - len(dead)
            wizard.outbound_count = len(dead.filtered(lambda m: m.direction == "out"))
            uncertain = dead.filtered(lambda m: m.failure_class == "uncertain")
            wizard.uncertain_count = len(uncertain)
            wizard.behind_count = dead._count_behind()
            wizard.stood_for_count = dead._count_stood_for()

    @api.depends("message_ids")
    def _compute_may_mask(self) -> None:
        manager = self.env.user.has_group("interop_base.group_manager")
        for wizard in self:
            held = wizard._dead().filtered(
                lambda message: message.direction == "out" and message.failure_class == "policy"
            )
            wizard.may_mask = manager and len(held) == len(wizard.message_ids) == 1

    def _dead(self):
        return self.message_ids.filtered(lambda message: message.state == "dead")

    def action_redrive(self) -> dict:
        """Run the dead letters among the chosen messages again."""
        self.ensure_one()
        dead = self._dead()
        if not dead:
            raise UserError(self.env._("None of the chosen messages is a dead letter."))
        reason = (self.reason or "").strip()
        if self.masked:
            dead.action_redrive_masked(reason)
        else:
            dead.action_redrive(reason or None)
        return {"type": "ir.actions.act_window_close"}
