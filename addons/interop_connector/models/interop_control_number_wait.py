from odoo import fields, models


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
