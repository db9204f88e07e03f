from odoo import fields, models

OUTCOMES = [
    ("pending", "Still to run"),
    ("redriven", "Run again"),
    ("not_dead", "No dead letter any more"),
    ("purged", "Purged"),
    ("refused", "Out of reach"),
]


class InteropRedriveMember(models.Model):
    """One message of a campaign, and what became of it there."""

    _name = "interop.redrive.member"
    _description = "Message of a Redrive"
    _order = "id"
    _log_access = False
    _rec_name = "message_id"

    redrive_id = fields.Many2one(
        "interop.redrive", required=True, readonly=True, ondelete="cascade",
        help="The campaign it belongs to.",
    )  # fmt: skip
    message_id = fields.Many2one(
        "interop.message", required=True, readonly=True, ondelete="cascade", index=True,
        help="The message.",
    )  # fmt: skip
    outcome = fields.Selection(
        OUTCOMES, required=True, readonly=True, default="pending",
        help="What the campaign did. Out of reach: whoever started it may not see it any more.",
    )  # fmt: skip
    taken_at = fields.Datetime(string="Had its turn", readonly=True, help="When that was.")
    flow_id = fields.Many2one(related="message_id.flow_id", help="The message's flow.")
    chain = fields.Char(related="message_id.chain", help="Its chain.")
    state = fields.Selection(
        related="message_id.state", string="Now", help="The state of the message now."
    )
    failure = fields.Char(
        related="message_id.failure", help="What went wrong last, in one sentence."
    )

    _once = models.UniqueIndex("(redrive_id, message_id)")
    _next = models.Index("(redrive_id, message_id) WHERE outcome = 'pending'")
