from odoo import api, fields, models
from odoo.fields import Command

from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from ..lib.proposal import propose


class InteropPolicyProposal(models.TransientModel):
    """Proposes a first policy for a document type, to be reviewed rule by rule.

    Every field gets a rule with a reason, so that nothing stays undecided and nobody begins with
    an empty page.
    """

    _name = "interop.policy.proposal"
    _description = "Propose a Policy"

    name = fields.Char(
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        help="Whom the policy is for, for example Orders to suppliers.",
    )
    document_type_id = fields.Many2one(
        "interop.document.type", required=True, help="The document whose fields are decided about."
    )
    clearance = fields.Selection(
        selection=[pair for pair in Sensitivity.selection() if pair[0] != "secret"],
        required=True,
        default="internal",
        help="The clearance of the connectors you have in mind: what is at or below it is sent, "
        "what is above leaves masked, as a token or not at all.",
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="The company whose flows may use the policy. Empty: all companies.",
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        help="Users of this area see the policy. Empty: all areas.",
    )
    field_count = fields.Integer(
        related="document_type_id.field_count", help="So many rules will be proposed."
    )

    @api.depends("document_type_id")
    def _compute_name(self) -> None:
        for wizard in self:
            if wizard.document_type_id:
                wizard.name = self.env._("%s (proposed)", wizard.document_type_id.name)

    def action_propose(self) -> dict:
        """Create the policy and open it."""
        self.ensure_one()
        listed = self.document_type_id._validator().fields
        rules = propose(listed, Sensitivity[self.clearance])
        policy = self.env["interop.policy"].create(
            {
                "name": self.name,
                "document_type_id": self.document_type_id.id,
                "company_id": self.company_id.id,
                "area_id": self.area_id.id,
                "expected_clearance": self.clearance,
                "note": self.env._(
                    "Proposed for the clearance %s. Review each rule and its reason before a flow "
                    "uses the policy.",
                    Sensitivity[self.clearance].label,
                ),
                "rule_ids": [
                    Command.create(
                        {
                            "sequence": place,
                            "path": rule.path,
                            "action": rule.action,
                            "pattern": rule.pattern,
                            "reason": rule.reason,
                        }
                    )
                    for place, rule in enumerate(rules, start=1)
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.policy",
            "res_id": policy.id,
            "view_mode": "form",
            "target": "current",
        }
