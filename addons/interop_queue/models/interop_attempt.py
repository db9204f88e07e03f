from odoo import fields, models

from odoo.addons.interop_base.lib.failures import FAILURE_CLASSES


class InteropAttempt(models.Model):
    """One try to move one interchange."""

    _name = "interop.attempt"
    _description = "Attempt"
    _order = "id desc"
    _log_access = False

    interchange_id = fields.Many2one(
        "interop.interchange", readonly=True, index=True, ondelete="cascade",
        help="The payload that was moved.",
    )  # fmt: skip
    message_id = fields.Many2one(
        "interop.message", readonly=True, index=True, ondelete="cascade", help="Its message."
    )
    number = fields.Integer(readonly=True, help="Counted per message, from 1.")
    started_at = fields.Datetime(readonly=True, help="When the try began.")
    duration_ms = fields.Float(
        string="Took (ms)", readonly=True, digits=(12, 1), aggregator="avg",
        help="How long the exchange took, in milliseconds.",
    )  # fmt: skip
    outcome = fields.Selection(
        [("ok", "Accepted"), ("failed", "Failed")], readonly=True, help="How it ended."
    )
    status = fields.Integer(
        readonly=True, aggregator=None, help="The partner's technical status (HTTP status, say)."
    )
    failure_class = fields.Selection(
        list(FAILURE_CLASSES.items()), readonly=True, help="What kind of failure it was."
    )
    failure = fields.Char(readonly=True, help="What went wrong, in one sentence.")
    lane = fields.Char(readonly=True, help="The lane that made the try.")

    def _compute_display_name(self) -> None:
        for attempt in self:
            attempt.display_name = self.env._("Attempt %s", attempt.number)
