from odoo import fields, models


class InteropConnectorRuntime(models.Model):
    _inherit = "interop.connector.runtime"

    last_claim_at = fields.Datetime(
        help="When a lane last looked for messages of this connector. Those that waited longest "
        "are looked at first."
    )
