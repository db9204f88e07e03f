from odoo import fields, models


class InteropConnectorRuntime(models.Model):
    _inherit = "interop.connector.runtime"

    in_flight = fields.Integer(
        required=True,
        default=0,
        help="Outbound messages of this connector that lanes have in their hands just now. Kept by "
        "the queue itself; it never exceeds the connector's limit.",
    )
    last_claim_at = fields.Datetime(
        help="When a lane last looked for messages of this connector. Those that waited longest "
        "are looked at first."
    )
