from odoo import api, models

MEGABYTE = 1024 * 1024
LIMIT_PARAMETER = "interop_transport_http.inbound_max_mb"
LIMIT_DEFAULT = 32
LIMIT_HIGHEST = 1024


class InteropIntake(models.AbstractModel):
    _inherit = "interop.intake"

    @api.model
    def _max_bytes(self) -> int:
        """How many bytes of a delivery are read at most. A setting that is no number is 32 MB."""
        text = self.env["ir.config_parameter"].sudo().get_param(LIMIT_PARAMETER) or ""
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
        return min(number or LIMIT_DEFAULT, LIMIT_HIGHEST) * MEGABYTE
