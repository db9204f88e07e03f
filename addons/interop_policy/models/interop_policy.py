from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from ..lib.policy import DECISIONS, DROP, CompiledPolicy, Rule, compile_policy


class InteropPolicy(models.Model):
    """What a document may show to a partner, field by field. What no rule names does not leave.

    This is the draft that people edit. The engine works with what a flow published of it.
    """

    _name = "interop.policy"
    _description = "Field Policy"
    _order = "name, id"

    name = fields.Char(
        required=True, help="Whom the policy is for, for example Orders to suppliers."
    )
    active = fields.Boolean(
        default=True, help="Archive a policy that should not be chosen any more. Live flows go on."
    )
    document_type_id = fields.Many2one(
        "interop.document.type",
        required=True,
        ondelete="restrict",
        index=True,
        help="The document whose fields the rules name.",
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        help="The company whose flows may use it. Empty: all companies.",
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        ondelete="restrict",
        index=True,
        help="Users of this area see the policy. Empty: all areas.",
    )
    rule_ids = fields.One2many(
        "interop.policy.rule",
        "policy_id",
        string="Rules",
        copy=True,
        help="One decision per field. The order does not matter: a field's own rule comes before "
        "that of its group.",
    )
    expected_clearance = fields.Selection(
        selection=Sensitivity.selection(),
        required=True,
        default="confidential",
        help="The clearance of the connectors you have in mind. Only for the preview and the "
        "warnings here; what counts is the clearance of the connector itself.",
    )
    note = fields.Text(help="Why the policy is as it is: contract, data protection assessment …")
    field_count = fields.Integer(
        string="Fields", compute="_compute_outcome", help="Fields of the document type."
    )
    named_count = fields.Integer(
        string="Named fields",
        compute="_compute_outcome",
        help="Fields that a rule names. The others do not leave, but nobody has decided so.",
    )
    coverage = fields.Float(
        compute="_compute_outcome",
        help="Named fields as a share of all fields. Complete it so that every field is decided.",
    )
    leaving_count = fields.Integer(
        string="Leaving",
        compute="_compute_outcome",
        help="Fields that are sent or masked at the expected clearance.",
    )
    warning_count = fields.Integer(
        string="Warnings",
        compute="_compute_outcome",
        help="Rules that let a field leave although it is above the expected clearance.",
    )
    outcome_html = fields.Html(
        string="Preview",
        compute="_compute_outcome_html",
        sanitize=False,
        help="What happens to each field at the expected clearance, and which rule decides it.",
    )

    @api.depends(
        "document_type_id",
        "expected_clearance",
        "rule_ids.path",
        "rule_ids.action",
        "rule_ids.pattern",
    )
    def _compute_outcome(self) -> None:
        for policy in self:
            compiled, _problem = policy._try_compile()
            decided = compiled.decided.values() if compiled else ()
            policy.field_count = policy.document_type_id.field_count
            policy.named_count = compiled.named if compiled else 0
            policy.coverage = compiled.coverage if compiled else 0.0
            policy.warning_count = len(compiled.warnings) if compiled else 0
            policy.leaving_count = sum(d.decision in ("send", "mask") for d in decided)

    @api.depends(
        "document_type_id",
        "expected_clearance",
        "rule_ids.path",
        "rule_ids.action",
        "rule_ids.pattern",
    )
    def _compute_outcome_html(self) -> None:
        for policy in self:
            compiled, problem = policy._try_compile()
            listed = policy.document_type_id._validator().fields if compiled else ()
            policy.outcome_html = self.env["ir.qweb"]._render(
                "interop_policy.outcome",
                {
                    "fields": listed,
                    "decided": compiled.decided if compiled else {},
                    "labels": DECISIONS,
                    "warnings": compiled.warnings if compiled else (),
                    "problem": problem,
                },
            )

    @api.constrains("document_type_id", "rule_ids")
    def _check_rules(self) -> None:
        for policy in self:
            _compiled, problem = policy._try_compile()
            if problem:
                raise ValidationError(problem)

    @api.onchange("document_type_id")
    def _onchange_document_type_id(self) -> None:
        """Rules name fields of one document type: another type starts with none."""
        if self._origin.document_type_id != self.document_type_id:
            self.rule_ids = [fields.Command.clear()]

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if not default or "name" not in default:
            for policy, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", policy.name)
        return vals_list

    # -- evidence ------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._audit_change()
        return policies

    def write(self, vals):
        result = super().write(vals)
        self._audit_change()
        return result

    def unlink(self):
        for policy in self:
            self.env["interop.audit"]._record(
                "policy.delete", record=policy, details={"name": policy.name}
            )
        return super().unlink()

    def _audit_change(self) -> None:
        """One entry per policy and transaction, however many rules were changed in it."""
        precommit = self.env.cr.precommit
        changed = precommit.data.setdefault("interop_policy.changed", {})
        if not changed:
            precommit.add(self._record_changes)
        for policy in self:
            changed.setdefault(policy.id, self.env.uid)

    @api.model
    def _record_changes(self) -> None:
        changed = self.env.cr.precommit.data.pop("interop_policy.changed", {})
        for policy_id, user_id in changed.items():
            policy = self.sudo().browse(policy_id).exists()
            if policy:
                data = canonical_json(policy._snapshot())
                self.env["interop.audit"].with_user(user_id)._record(
                    "policy.change",
                    record=policy,
                    digest=digest(data),
                    details={"name": policy.name, "rules": len(policy.rule_ids)},
                )

    # -- acts ----------------------------------------------------------------------------------

    def action_add_missing(self) -> bool:
        """Add a rule that drops it for every field that no rule names, to be decided one by one."""
        for policy in self:
            last = max(policy.rule_ids.mapped("sequence"), default=0)
            missing = [
                path for path, decision in policy._compile().decided.items() if not decision.rule
            ]
            policy.rule_ids = [
                fields.Command.create({"sequence": last + place, "path": path, "action": DROP})
                for place, path in enumerate(missing, start=1)
            ]
        return True

    # -- for the engine ------------------------------------------------------------------------

    def _snapshot(self) -> dict[str, Any]:
        """What a flow publishes of it. Rules are sorted by path: their order says nothing."""
        self.ensure_one()
        return {
            "name": self.name,
            "document_type": self.document_type_id.code,
            "version": self.document_type_id.version,
            "rules": [
                {"path": rule.path, "action": rule.action, "pattern": rule.pattern}
                for rule in sorted(self._rules(), key=lambda rule: rule.path)
            ],
        }

    def _rules(self) -> list[Rule]:
        return [rule._rule() for rule in self.rule_ids if rule.path and rule.action]

    def _compile(self, clearance: Sensitivity | None = None) -> CompiledPolicy:
        """The compiled draft, at the expected clearance if none is given. Raises `PolicyError`."""
        self.ensure_one()
        if clearance is None:
            clearance = Sensitivity[self.expected_clearance or "public"]
        return compile_policy(self._rules(), self.document_type_id._sensitivities(), clearance)

    def _try_compile(self) -> tuple[CompiledPolicy | None, str]:
        """The compiled draft, or why there is none."""
        if not self.document_type_id:
            return None, ""
        try:
            return self._compile(), ""
        except PolicyError as problem:
            return None, problem.sentence
