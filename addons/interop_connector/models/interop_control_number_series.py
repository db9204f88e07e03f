from odoo import fields, models

from ..big_integer import BigInteger


class InteropControlNumberSeries(models.Model):
    """The numbers of one sender to one receiver, as far as they have come: one row, not one each.

    Written by the engine with statements of its own.
    """

    _name = "interop.control.number.series"
    _description = "Control Numbers of a Partner"
    _order = "connector_id, sender, receiver, kind"
    _rec_name = "sender"
    _log_access = False

    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The connector that they come through.",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", readonly=True, help="The company it concerns.")
    area_id = fields.Many2one("interop.area", readonly=True, help="The business area.")
    sender = fields.Char(
        required=True, readonly=True, help="Who numbers, by the id that stands in the payload."
    )
    receiver = fields.Char(
        required=True, readonly=True, help="For whom, by the id that stands in the payload."
    )
    kind = fields.Char(
        required=True, readonly=True, help="What is numbered: the payload or a group in it."
    )
    lowest = BigInteger(
        required=True, readonly=True, aggregator=None,
        help="The first number since the partner began to count.",
    )  # fmt: skip
    highest = BigInteger(
        required=True, readonly=True, aggregator=None, help="The highest number so far."
    )
    began_at = fields.Datetime(
        readonly=True, help="When the partner began to count, or began again."
    )
    last_at = fields.Datetime(string="Last", readonly=True, help="When a number last came.")
    gap_ids = fields.One2many(
        "interop.control.number.gap", "series_id", readonly=True, help="Numbers that are missing."
    )

    _one = models.Constraint(
        "UNIQUE(connector_id, sender, receiver, kind)",
        "A partner's numbers of one kind are watched once.",
    )
