from odoo import api, fields, models


class InteropConnector(models.Model):
    """Tells where a partner sends to."""

    _inherit = "interop.connector"

    inbound_address = fields.Char(
        string="Address for the partner",
        compute="_compute_inbound_address",
        help="Give this address to the partner, with the flow's code at the end. Deliveries must "
        "be signed with the partner's signing key (Standard Webhooks, v1).",
    )

    @api.depends("code")
    def _compute_inbound_address(self) -> None:
        base = self.browse().get_base_url()
        for connector in self:
            connector.inbound_address = (
                f"{base}/interop/v1/in/{connector.code}/" if connector.code else False
            )
