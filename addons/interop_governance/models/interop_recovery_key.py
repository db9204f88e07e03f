from typing import Any

from odoo import fields, models
from odoo.exceptions import AccessError

VERDICTS = [
    ("doubt", "In doubt"),
    ("known", "The partner has it"),
    ("missing", "The partner does not have it"),
    ("lost", "Lost here"),
]


class InteropRecoveryKey(models.Model):
    """A key in a recovery case: of a message that may have left since the backup, or of one that
    the partner has and we have lost."""

    _name = "interop.recovery.key"
    _description = "Key in a Recovery"
    _order = "verdict desc, id"
    _rec_name = "key"
    _log_access = False

    recovery_id = fields.Many2one(
        "interop.recovery", required=True, readonly=True, ondelete="cascade", index=True,
        help="The recovery it belongs to.",
    )  # fmt: skip
    line_id = fields.Many2one(
        "interop.recovery.line", required=True, readonly=True, ondelete="cascade", index=True,
        help="What was decided for its connector.",
    )  # fmt: skip
    connector_id = fields.Many2one(
        "interop.connector", readonly=True, ondelete="cascade", help="The way to the partner."
    )
    message_id = fields.Many2one(
        "interop.message", readonly=True, ondelete="cascade",
        help="The message, if we still know it.",
    )  # fmt: skip
    message_state = fields.Selection(
        related="message_id.state", string="Message is", help="What has become of the message."
    )
    key = fields.Char(
        required=True, readonly=True, index=True,
        help="The idempotency key: the partner saw it with the message.",
    )  # fmt: skip
    document = fields.Char(readonly=True, help="Type and version of the document.")
    accepted_at = fields.Datetime(
        string="Accepted", readonly=True, help="When the message was put into our queue."
    )
    verdict = fields.Selection(
        VERDICTS, required=True, readonly=True, default="doubt",
        help="In doubt: nobody knows whether it left since the backup. Lost here: the partner has "
        "it, and this database does not know of it; a person settles that.",
    )  # fmt: skip
    partner_at = fields.Datetime(
        string="At the partner since", readonly=True,
        help="When the partner received it, if it told.",
    )  # fmt: skip
    settlement = fields.Selection(
        [
            ("entered_again", "Entered in Odoo again"),
            ("withdrawn", "The partner cancelled it"),
            ("not_ours", "Not ours"),
            ("nothing", "Needs nothing"),
        ],
        help="What was done about a message that the partner has and we have lost.",
    )  # fmt: skip
    note = fields.Char(help="What a later reader should know, for example the order's new number.")
    settled_by_id = fields.Many2one(
        "res.users", string="Settled by", readonly=True, ondelete="set null",
        help="Who settled it.",
    )  # fmt: skip
    settled_at = fields.Datetime(readonly=True, help="When it was settled.")

    def write(self, vals: dict[str, Any]) -> bool:
        if self.env.su:
            return super().write(vals)
        self.recovery_id._check_may_work()
        if set(vals) - {"settlement", "note"} or any(key.verdict != "lost" for key in self):
            raise AccessError(self.env._("Only how a lost message was settled is written here."))
        done = super().write(vals)
        if "settlement" in vals:
            self.sudo().write(
                {
                    "settled_by_id": self.env.uid if vals["settlement"] else False,
                    "settled_at": fields.Datetime.now() if vals["settlement"] else False,
                }
            )
        for key in self:
            key.recovery_id._note(
                "recovery.lost_settled", {"key": key.key, "settlement": key.settlement or None}
            )
        return done

    def action_open_message(self) -> dict[str, Any]:
        """Open the message."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.message",
            "res_id": self.message_id.id,
            "views": [(False, "form")],
        }
