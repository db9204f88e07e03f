from odoo import fields, models

from ..lib.traffic.breaker import STATES


class InteropEndpointRuntime(models.Model):
    """The circuit breaker of an endpoint, as it stands just now.

    Written by the queue with SQL of its own and by the acts of operators; apart from the endpoint,
    so that neither waits for somebody who edits that. While all goes well nothing is written.
    """

    _name = "interop.endpoint.runtime"
    _description = "Endpoint Runtime State"
    _rec_name = "endpoint_id"
    _log_access = False

    endpoint_id = fields.Many2one(
        "interop.endpoint",
        required=True,
        ondelete="cascade",
        help="The endpoint this is the state of.",
    )
    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        ondelete="cascade",
        index=True,
        help="The connector of the endpoint.",
    )
    purpose = fields.Char(required=True, default="default", help="The endpoint's purpose.")
    state = fields.Selection(
        STATES,
        required=True,
        default="closed",
        help="In use: messages go through. Open: it failed too often, nothing goes through for a "
        "while. Trying one: one message has been let through, and what becomes of it decides. "
        "Isolated: an operator let nothing through. Disabled: the partner said that it is gone.",
    )
    failures = fields.Integer(
        string="Failures in a row",
        required=True,
        default=0,
        help="Failures since the last success.",
    )
    calls = fields.Char(help="The last calls, the newest at the end: 1 for a failure.")
    opened = fields.Integer(
        required=True, default=0, help="How many times it has opened since it was last in use."
    )
    open_until = fields.Datetime(
        string="Next try at",
        help="When one message may be let through to try. While one is under way: when it is "
        "given up and another may be taken.",
    )
    probe_token = fields.Char(help="The lease of the message that was let through.")
    probe_message = fields.Integer(help="The message that was let through.")
    passed_over = fields.Boolean(
        help="Isolated by a fail over: the button Return brings it back into use."
    )
    reason = fields.Char(help="Why it is in this state.")
    changed_at = fields.Datetime(string="Since", help="When it came into this state.")

    _endpoint_unique = models.Constraint(
        "UNIQUE(endpoint_id)", "An endpoint has exactly one runtime state."
    )

    def init(self) -> None:
        # Endpoints from before there were breakers.
        self.env.cr.execute(
            """
            INSERT INTO interop_endpoint_runtime (
                endpoint_id, connector_id, purpose, state, failures, opened)
            SELECT e.id, e.connector_id, e.purpose, 'closed', 0, 0 FROM interop_endpoint e
                ON CONFLICT DO NOTHING
            """
        )
