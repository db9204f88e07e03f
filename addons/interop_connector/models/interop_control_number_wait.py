from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.codec import CODECS, Codec


class InteropControlNumberWait(models.AbstractModel):
    """A connector's counters, and how long it waits for numbers that its partner has left out."""

    _name = "interop.control.number.wait"
    _description = "Connector: Control Numbers"

    number_wait_minutes = fields.Integer(
        string="Wait for missing numbers (minutes)", required=True, default=60,
        help="How long a control number of the partner may be late before it counts as missing. "
        "Payloads may overtake each other on their way.",
    )  # fmt: skip
    number_memory_days = fields.Integer(
        string="Remember numbers (days)", required=True, default=400,
        help="For so long a partner may not use a control number again for other content. Gaps "
        "that have ended are forgotten after that time too.",
    )  # fmt: skip
    control_number_ids = fields.One2many(
        "interop.control.number", "connector_id", readonly=True,
        help="The next numbers for what leaves.",
    )  # fmt: skip
    number_series_ids = fields.One2many(
        "interop.control.number.series", "connector_id", readonly=True,
        help="How far the partner's numbers have come.",
    )  # fmt: skip
    number_gap_ids = fields.One2many(
        "interop.control.number.gap", "connector_id", readonly=True,
        domain=[("state", "in", ("waiting", "missing"))],
        help="Numbers of the partner that have not come.",
    )  # fmt: skip

    @api.constrains("number_wait_minutes", "number_memory_days")
    def _check_number_times(self) -> None:
        for connector in self:
            if connector.number_wait_minutes < 0 or connector.number_memory_days < 1:
                raise ValidationError(
                    self.env._(
                        "Numbers are waited for 0 minutes or more and remembered for a day or more."
                    )
                )

    def action_set_next_number(self) -> dict[str, Any]:
        """Open the dialog that sets the number of the next payload."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set the next control number"),
            "res_model": "interop.control.number.setting",
            "view_mode": "form",
            "target": "new",
            "context": {"default_connector_id": self.id},
        }

    def _codec(self) -> Codec | None:
        """The connector's format, if the module that brings it is installed."""
        return CODECS.get(self.codec) if self.codec and self.codec in CODECS else None
