from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from ..lib.actions import Action
from ..lib.conditions import parse
from ..lib.policy import ACTIONS, Rule, cap_of, fields_named, require_known
from ..lib.purposes import PURPOSES

_NO_PATTERN = ["-"]  # the web client cannot do with an empty list


class InteropPolicyRule(models.Model):
    """One decision of a policy: about one field, or about all fields of a group."""

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
    sequence = fields.Integer(
        default=10,
        help="Where the rule is listed. Of several rules with one path the first that holds "
        "counts; otherwise the order decides nothing.",
    )
    path = fields.Char(
        string="Field",
        required=True,
        help="The field's path as shown in the document type, for example lines[].item.gtin; "
        "ship_to.* for all fields directly in that group, ship_to.** for all below it.",
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
        selection=lambda self: ACTIONS.selection(),
        required=True,
        default="drop",
        help="What happens to the field: it is sent, dropped, or something else is sent instead. "
        "Require and Refuse stop the whole message if the field is missing or is there.",
    )
    pattern = fields.Selection(
        selection="_selection_pattern",
        string="How",
        compute="_compute_pattern",
        store=True,
        readonly=False,
        help="What a mask still shows, what a token looks like, to what a value is generalised, "
        "or of what kind a constant is.",
    )
    pattern_choices = fields.Json(
        compute="_compute_pattern_choices", help="What may be chosen as How for the action."
    )
    parameter = fields.Char(
        compute="_compute_parameter",
        store=True,
        readonly=False,
        help="For a constant: the value to send instead. For bands of an amount: the bounds "
        "between them, for example 100, 1000, 10000. For tokens of digits: how many, 10 to 18.",
    )
    reversible = fields.Boolean(
        string="Comes back",
        compute="_compute_reversible",
        store=True,
        readonly=False,
        help="For tokens: the partner will return the token, and the value is then to be put in "
        "its place again.",
    )
    condition = fields.Char(
        string="Only if",
        help="The rule holds only if the document is so, for example: currency = EUR; "
        "buyer.reference is present. Comparisons are =, ≠, <, ≤, >, ≥, in, is present, is absent; "
        "all of several, separated by ; or and, must hold.",
    )
    purpose = fields.Selection(
        selection=lambda self: PURPOSES.selection(),
        string="Only for purpose",
        help="The rule holds only in flows of this purpose. Empty: whatever the purpose.",
    )
    company_id = fields.Many2one(
        "res.company",
        string="Only for company",
        ondelete="cascade",
        help="The rule holds only for documents of this company. Empty: whatever the company.",
    )
    reason = fields.Char(help="Why it was decided so. For people who review the policy later.")
    above_clearance = fields.Boolean(
        compute="_compute_field",
        help="The rule lets a field leave further than the expected clearance and region allow: "
        "the engine will drop it all the same.",
    )

    @api.model
    def _selection_pattern(self) -> list[tuple[str, str]]:
        return [pair for _code, action in ACTIONS for pair in action.patterns.items()]

    def _action(self) -> Action | None:
        return ACTIONS.get(self.action) if self.action in ACTIONS else None

    @api.depends("action")
    def _compute_pattern_choices(self) -> None:
        for rule in self:
            action = rule._action()
            rule.pattern_choices = (
                list(action.patterns) if action and action.patterns else _NO_PATTERN
            )

    # One method each: what is given when a rule is made must not keep the others from being set.

    @api.depends("action")
    def _compute_pattern(self) -> None:
        for rule in self:
            action = rule._action()
            if rule.pattern not in (action.patterns if action else ()):
                rule.pattern = action.default_pattern if action else False

    @api.depends("action")
    def _compute_parameter(self) -> None:
        for rule in self:
            action = rule._action()
            rule.parameter = rule.parameter if action and action.parameter_help else False

    @api.depends("action")
    def _compute_reversible(self) -> None:
        for rule in self:
            rule.reversible = rule.reversible and rule.action == "tokenise"

    @api.depends(
        "path",
        "action",
        "pattern",
        "policy_id.document_type_id",
        "policy_id.company_id",
        "policy_id.expected_clearance",
        "policy_id.expected_region_id",
    )
    def _compute_field(self) -> None:
        for rule in self:
            document_type = rule.policy_id.document_type_id
            known = document_type._sensitivities() if document_type else {}
            try:
                named = fields_named(rule.path or "", known)
                plain = Rule(rule.path, rule.action, rule.pattern or None)
                frame = rule.policy_id._frame()
                capped = any(cap_of(plain, known[path], frame) for path in named)
            except (PolicyError, LookupError):
                rule.field_title = rule.sensitivity = False
                rule.above_clearance = False
                continue
            rule.sensitivity = max(known[path] for path in named).name
            rule.above_clearance = capped
            rule.field_title = rule._title(named)

    def _title(self, named: list[str]) -> str:
        """The way to the field in titles: `Line › Item › GTIN`."""
        titles = {f.path: f.title for f in self.policy_id.document_type_id._validator().fields}
        steps = (named[0] if self.path in named else self.path.rstrip("*").rstrip(".")).split(".")
        found = [titles.get(".".join(steps[:place]), "") for place in range(1, len(steps) + 1)]
        if self.path not in named:
            deep = self.path.endswith("**")
            found.append(
                self.env._("all %s fields below it", len(named))
                if deep
                else self.env._("all %s fields directly in it", len(named))
            )
        return " › ".join(title for title in found if title)

    @api.constrains(
        "sequence",
        "path",
        "action",
        "pattern",
        "parameter",
        "reversible",
        "condition",
        "purpose",
        "company_id",
        "policy_id",
    )
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
        return Rule(
            self.path,
            self.action,
            self.pattern or None,
            self.reason or None,
            self.parameter or None,
            self.reversible,
            self.purpose or None,
            self.company_id.id or None,
            parse(self.condition),
        )
