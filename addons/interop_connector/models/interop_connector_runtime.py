from odoo import fields, models


class InteropConnectorRuntime(models.Model):
    """What a connector is doing just now, apart from how it is configured.

    The queue locks and updates these rows all the time with SQL of its own. They stand apart so
    that this never waits for somebody who edits a connector, nor the other way round. No log
    fields: nobody edits this.
    """

    _name = "interop.connector.runtime"
    _description = "Connector Runtime State"
    _rec_name = "connector_id"
    _log_access = False

    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        ondelete="cascade",
        help="The connector this is the state of.",
    )
    last_success_at = fields.Datetime(help="When a message last went through.")
    last_failure_at = fields.Datetime(help="When a message last failed.")
    consecutive_failures = fields.Integer(
        required=True, default=0, help="How many tries have failed since the last success."
    )
    tokens = fields.Float(
        help="Exchanges that the rate limit allowed at once when it was last looked at."
    )
    tokens_at = fields.Datetime(help="When that was.")
    closed_from = fields.Datetime(help="When the present or next maintenance window begins.")
    closed_until = fields.Datetime(help="When it ends.")
    throttled_until = fields.Datetime(
        help="The partner asked to slow down: nothing is sent before this moment."
    )

    _connector_unique = models.Constraint(
        "UNIQUE(connector_id)", "A connector has exactly one runtime state."
    )
