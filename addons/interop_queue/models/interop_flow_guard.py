from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.guard import HOLD, MODES, OFF


class InteropFlowGuard(models.AbstractModel):
    """The last look at what leaves through a flow."""

    _name = "interop.flow.guard"
    _description = "Flow: Last Look"

    guard = fields.Selection(
        list(MODES.items()),
        string="Last look",
        required=True,
        default=HOLD,
        tracking=True,
        help="What happens when a text that is about to leave holds what points to a person and "
        "the connector is not cleared for it: a Social Security number, a medical record number, a "
        "patient's name … Hold makes an exception that names the field and the kind. Mask changes "
        "the text and lets it leave. Off is for connectors that are cleared for health data.",
    )
    guard_reason = fields.Char(
        string="Why there is none",
        tracking=True,
        help="Why nothing needs to be looked for, for those who have to answer for it. It is part "
        "of the published version.",
    )

    @api.constrains("guard", "guard_reason", "connector_id", "direction")
    def _check_guard(self) -> None:
        for flow in self:
            if flow.direction != "out" or flow.guard != OFF:
                continue
            if Sensitivity[flow.connector_id.sudo().clearance] < Sensitivity.health:
                raise ValidationError(
                    self.env._(
                        "The last look can be off only if the connector is cleared for health "
                        "data. Choose to hold or to mask."
                    )
                )
            if not (flow.guard_reason or "").strip():
                raise ValidationError(
                    self.env._("Say why there is no last look: somebody will ask.")
                )

    def _guard_snapshot(self) -> dict:
        """The last look as plain data: part of what is published."""
        self.ensure_one()
        companies = self.company_id or self.env["res.company"].sudo().search([])
        return {
            "mode": self.guard,
            "reason": (self.guard_reason or "").strip(),
            "patterns": self.env["interop.policy.pattern"]._templates(self.company_id),
            "countries": {
                str(company.id): company.sudo().country_id.code or "" for company in companies
            },
        }
