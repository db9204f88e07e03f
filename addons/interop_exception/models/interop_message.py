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
    exception_count = fields.Integer(
        string="Exceptions in All",
        compute="_compute_exception_counts",
        help="How many exceptions this message has had, decided ones included.",
    )
    open_exception_count = fields.Integer(
        string="Open Exceptions",
        compute="_compute_exception_counts",
        help="How many decisions about this message are still open.",
    )

    def _compute_exception_counts(self) -> None:
        counts = {
            (message.id, state): count
            for message, state, count in self.env["interop.exception"]._read_group(
                [("message_id", "in", self.ids)], ["message_id", "state"], ["__count"]
            )
        }
        for message in self:
            mine = {
                state: count for (key, state), count in counts.items() if key == message._origin.id
            }
            message.exception_count = sum(mine.values())
            message.open_exception_count = sum(mine.get(state, 0) for state in OPEN_STATES)

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
