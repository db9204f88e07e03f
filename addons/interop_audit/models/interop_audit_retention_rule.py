from typing import Self

from odoo import api, fields, models


class InteropAuditRetentionRule(models.Model):
    """How long the trail is kept, and whether months go by themselves: the newest row is in force.

    Rows of our own and not a system parameter, which could be changed without a reason and without
    a trace.
    """

    _name = "interop.audit.retention.rule"
    _description = "Retention Rule of the Audit Trail"
    _order = "id desc"
    _rec_name = "months"

    months = fields.Integer(
        readonly=True,
        help="For so many months after its end a month of the trail is kept.",
    )
    switched_on = fields.Boolean(
        string="By itself", readonly=True, help="Months whose time is over are dropped daily."
    )
    reason = fields.Text(readonly=True, help="Why it was set so.")

    @api.model
    def _in_force(self) -> Self:
        return self.search([], limit=1)
