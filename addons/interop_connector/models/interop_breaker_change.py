from datetime import timedelta

from odoo import api, fields, models

from ..lib.traffic.breaker import STATES

# The audit trail keeps them for as long as evidence is kept.
DAYS = 180
MOST = 10_000


class InteropBreakerChange(models.Model):
    """One change of an endpoint's state, for people to see how its day went.

    The evidence is in the audit trail; this list stands beside the connector.
    """

    _name = "interop.breaker.change"
    _description = "Change of an Endpoint's State"
    _order = "id desc"
    _rec_name = "endpoint_id"
    _log_access = False

    endpoint_id = fields.Many2one(
        "interop.endpoint",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
        help="The endpoint that changed.",
    )
    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
        help="Its connector.",
    )
    at = fields.Datetime(
        string="When", required=True, readonly=True, help="When the state changed."
    )
    before = fields.Selection(STATES, readonly=True, help="The state it had.")
    after = fields.Selection(STATES, required=True, readonly=True, help="The state it came into.")
    reason = fields.Char(string="Why", readonly=True, help="What made it change.")
    user_id = fields.Many2one(
        "res.users",
        string="By",
        ondelete="set null",
        readonly=True,
        help="Who did it. Empty: the queue itself.",
    )

    @api.autovacuum
    def _gc_old(self) -> tuple[int, bool]:
        """Changes of half a year ago: how many were removed, and whether there are more."""
        before = fields.Datetime.now() - timedelta(days=DAYS)
        old = self.sudo().search([("at", "<", before)], limit=MOST)
        count = len(old)
        old.unlink()
        return count, count == MOST
