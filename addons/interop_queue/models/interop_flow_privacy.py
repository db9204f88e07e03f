from odoo import api, fields, models

from odoo.addons.interop_policy.lib.purposes import PURPOSES


class InteropFlowPrivacy(models.AbstractModel):
    """Why the data of a flow travel, and what the flow may know of them."""

    _name = "interop.flow.privacy"
    _description = "Flow: Data Protection"

    purpose = fields.Selection(
        selection="_selection_purpose",
        tracking=True,
        help="Why the data travels, in the sense of HIPAA and GDPR. Rules of the policy may be for "
        "one purpose only, and tokens differ from purpose to purpose. Empty: rules that are for a "
        "purpose do not hold.",
    )
    resolves_tokens = fields.Boolean(
        string="Turn tokens back",
        tracking=True,
        help="Inbound: tokens that we gave to this partner for the same purpose are replaced by "
        "the values that they stand for, before the document is checked. Each time is kept in the "
        "audit trail. Off: tokens stay tokens.",
    )

    @api.model
    def _selection_purpose(self) -> list[tuple[str, str]]:
        return PURPOSES.selection()
