from typing import Any

from odoo import fields, models

from .interop_exception import OPEN_STATES


class InteropMessage(models.Model):
    """A message knows what people still have to decide about it."""

    _inherit = "interop.message"

    exception_ids = fields.One2many(
        "interop.exception",
        "message_id",
        string="Exceptions",
        readonly=True,
        help="What people had or have to decide about this message.",
    )
    open_exception_count = fields.Integer(
        string="Open Exceptions",
        compute="_compute_open_exception_count",
        help="How many decisions about this message are still open.",
    )

    def _compute_open_exception_count(self) -> None:
        counts = dict(
            self.env["interop.exception"]._read_group(
                [("message_id", "in", self.ids), ("state", "in", OPEN_STATES)],
                ["message_id"],
                ["__count"],
            )
        )
        for message in self:
            message.open_exception_count = counts.get(message._origin, 0)

    def action_view_exceptions(self) -> dict[str, Any]:
        """Open the exceptions of this message."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_exception.interop_exception_action"
        )
        return {
            **action,
            "domain": [("message_id", "in", self.ids)],
            "context": {"search_default_open": 0},
        }
