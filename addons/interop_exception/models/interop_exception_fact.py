from odoo import fields, models


class InteropExceptionFact(models.Model):
    """One row of an exception's comparison: ours, theirs, and what lies between."""

    _name = "interop.exception.fact"
    _description = "Compared Fact"
    _order = "exception_id, sequence, id"

    exception_id = fields.Many2one(
        "interop.exception",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        help="The exception this comparison belongs to.",
    )
    sequence = fields.Integer(readonly=True, help="Place in the comparison.")
    label = fields.Char(string="Field", required=True, readonly=True, help="What was compared.")
    path = fields.Char(
        readonly=True, help="Where the field stands in the partner's document; decides who sees it."
    )
    ours = fields.Char(readonly=True, help="What our document says.")
    theirs = fields.Char(readonly=True, help="What the partner says.")
    difference = fields.Char(readonly=True, help="What lies between theirs and ours.")
    hidden = fields.Boolean(
        string="Not Shown",
        readonly=True,
        help="The values are too sensitive for this list and were not kept here.",
    )
