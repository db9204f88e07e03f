from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from ..lib.mask import MASKS
from ..lib.policy import ACTIONS, DEFAULT_MASK, MASK, Rule, fields_named, require_known


class InteropPolicyRule(models.Model):
    """One decision of a policy: about one field, or about all fields directly in a group."""

    _name = "interop.policy.rule"
    _description = "Field Policy Rule"
    _order = "sequence, id"
    _rec_name = "path"

    policy_id = fields.Many2one(
        "interop.policy",
        required=True,
        ondelete="cascade",
        index=True,
        help="The policy the rule belongs to.",
    )
    sequence = fields.Integer(default=10, help="Where the rule is listed. It decides nothing.")
    path = fields.Char(
        string="Field",
        required=True,
        help="The field's path as shown in the document type, for example lines[].item.gtin, or "
        "ship_to.* for all fields directly in that group.",
    )
    field_title = fields.Char(
        string="Meaning", compute="_compute_field", help="The field in plain words."
    )
    sensitivity = fields.Selection(
        selection=Sensitivity.selection(),
        compute="_compute_field",
        help="How sensitive the field is; for a group, the most sensitive field in it.",
    )
    action = fields.Selection(
        selection=list(ACTIONS.items()),
        required=True,
        default="drop",
        help="Send: as it is. Mask: only what the mask shows. Drop: not at all.",
    )
    pattern = fields.Selection(
        selection=[(mask.code, mask.label) for mask in MASKS.values()],
        string="Mask",
        compute="_compute_pattern",
        store=True,
        readonly=False,
        help="What a mask still shows of the value.",
    )
    reason = fields.Char(help="Why it was decided so. For people who review the policy later.")
    above_clearance = fields.Boolean(
        compute="_compute_field",
        help="The rule lets a field leave that is above the expected clearance: the engine will "
        "drop it all the same.",
    )

    @api.depends("action")
    def _compute_pattern(self) -> None:
        for rule in self:
            if rule.action != MASK:
                rule.pattern = False
            elif not rule.pattern:
                rule.pattern = DEFAULT_MASK

    @api.depends(
        "path",
        "action",
        "policy_id.document_type_id",
        "policy_id.expected_clearance",
    )
    def _compute_field(self) -> None:
        for rule in self:
            document_type = rule.policy_id.document_type_id
            known = document_type._sensitivities() if document_type else {}
            try:
                named = fields_named(rule.path or "", known)
            except PolicyError:
                rule.field_title = rule.sensitivity = False
                rule.above_clearance = False
                continue
            highest = max(known[path] for path in named)
            clearance = Sensitivity[rule.policy_id.expected_clearance or "public"]
            masked = rule.action == MASK and highest is not Sensitivity.secret
            rule.sensitivity = highest.name
            rule.above_clearance = rule.action != "drop" and highest > clearance and not masked
            rule.field_title = rule._title(named)

    def _title(self, named: list[str]) -> str:
        """The way to the field in titles: `Line › Item › GTIN`."""
        titles = {f.path: f.title for f in self.policy_id.document_type_id._validator().fields}
        steps = (named[0] if self.path in named else self.path.removesuffix("*").rstrip(".")).split(
            "."
        )
        found = [titles.get(".".join(steps[:place]), "") for place in range(1, len(steps) + 1)]
        if self.path not in named:
            found.append(self.env._("all %s fields directly in it", len(named)))
        return " › ".join(title for title in found if title)

    @api.constrains("path", "action", "pattern", "policy_id")
    def _check_rule(self) -> None:
        for rule in self:
            try:
                require_known(rule._rule())
                fields_named(rule.path, rule.policy_id.document_type_id._sensitivities())
            except PolicyError as problem:
                raise ValidationError(problem.sentence) from None
        self.policy_id._check_rules()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("path"):
                vals["path"] = vals["path"].strip()
        rules = super().create(vals_list)
        rules.policy_id._audit_change()
        return rules

    def write(self, vals):
        if vals.get("path"):
            vals = {**vals, "path": vals["path"].strip()}
        self.policy_id._audit_change()
        result = super().write(vals)
        self.policy_id._audit_change()
        return result

    def unlink(self):
        self.policy_id._audit_change()
        return super().unlink()

    def _rule(self) -> Rule:
        self.ensure_one()
        return Rule(self.path, self.action, self.pattern or None, self.reason or None)
