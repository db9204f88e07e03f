from odoo import api, fields, models

from odoo.addons.interop_base.lib.failures import FenceClosed


class InteropConnectorHealth(models.AbstractModel):
    """How a connector fares just now, and whether it works on this server at all."""

    _name = "interop.connector.health"
    _description = "Connector: Health"

    runtime_ids = fields.One2many(
        "interop.connector.runtime",
        "connector_id",
        string="Runtime state",
        help="What the connector is doing just now.",
    )
    last_success_at = fields.Datetime(
        string="Last success", compute="_compute_runtime", help="When a message last went through."
    )
    last_failure_at = fields.Datetime(
        string="Last failure", compute="_compute_runtime", help="When a message last failed."
    )
    consecutive_failures = fields.Integer(
        string="Failures in a row",
        compute="_compute_runtime",
        help="How many tries have failed since the last success.",
    )
    silence_reason = fields.Char(
        compute="_compute_silence_reason",
        help="Why this connector does not work on this server, if it does not.",
    )

    @api.depends("runtime_ids")
    def _compute_runtime(self) -> None:
        for connector in self:
            runtime = connector.runtime_ids[:1]
            connector.last_success_at = runtime.last_success_at
            connector.last_failure_at = runtime.last_failure_at
            connector.consecutive_failures = runtime.consecutive_failures

    @api.depends("environment")
    def _compute_silence_reason(self) -> None:
        fence = self.env["interop.fence"]
        for connector in self:
            try:
                fence._require_open(connector.environment)
            except FenceClosed as closed:
                connector.silence_reason = closed.sentence
            else:
                connector.silence_reason = False
