from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest
from odoo.addons.interop_document.lib.sensitivity import Sensitivity

from ..lib.policy import (
    DROP,
    CompiledPolicy,
    Frame,
    Rule,
    compile_policy,
    decision_labels,
    rule_facts,
)
from ..lib.purposes import PURPOSES
from ..lib.residency import residency_of

# What the outcome of a draft depends on.
_OUTCOME = (
    "document_type_id",
    "company_id",
    "expected_clearance",
    "expected_region_id",
    "expected_purpose",
    *(
        f"rule_ids.{name}"
        for name in (
            "sequence",
            "path",
            "action",
            "pattern",
            "parameter",
            "reversible",
            "purpose",
            "company_id",
            "condition",
        )
    ),
)


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
        help="One decision per field. A field's own rule comes before that of its group. The order "
        "matters only for several rules with one path: the first that holds counts.",
    )
    expected_clearance = fields.Selection(
        selection=Sensitivity.selection(),
        required=True,
        default="confidential",
        help="The clearance of the connectors you have in mind. Only for the preview and the "
        "warnings here; what counts is the clearance of the connector itself.",
    )
    expected_region_id = fields.Many2one(
        "res.country",
        string="Expected region",
        default=lambda self: self.env.company.country_id,
        help="Where the partners you have in mind keep the data. Only for the preview and the "
        "warnings here; what counts is the region of the connector itself.",
    )
    expected_purpose = fields.Selection(
        selection=lambda self: PURPOSES.selection(),
        help="The purpose of the flows you have in mind. Only for the preview and the warnings "
        "here; what counts is the purpose of the flow itself.",
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
        help="Fields that leave in some form, at least for some documents, under what is expected.",
    )
    warning_count = fields.Integer(
        string="Warnings",
        compute="_compute_outcome",
        help="Fields that rules let leave further than clearance and region allow.",
    )
    outcome_html = fields.Html(
        string="Preview",
        compute="_compute_outcome_html",
        sanitize=False,
        help="What happens to each field at the expected clearance, and which rule decides it.",
    )

    @api.depends(*_OUTCOME)
    def _compute_outcome(self) -> None:
        for policy in self:
            compiled, _problem = policy._try_compile()
            policy.field_count = policy.document_type_id.field_count
            policy.named_count = compiled.named if compiled else 0
            policy.coverage = compiled.coverage if compiled else 0.0
            policy.warning_count = len(compiled.warnings) if compiled else 0
            policy.leaving_count = compiled.leaving if compiled else 0

    @api.depends(*_OUTCOME)
    def _compute_outcome_html(self) -> None:
        for policy in self:
            compiled, problem = policy._try_compile()
            listed = policy.document_type_id._validator().fields if compiled else ()
            policy.outcome_html = self.env["ir.qweb"]._render(
                "interop_policy.outcome",
                {
                    "fields": listed,
                    "decided": compiled.decided if compiled else {},
                    "alternatives": compiled.alternatives if compiled else {},
                    "labels": decision_labels(),
                    "patterns": dict(self.env["interop.policy.rule"]._selection_pattern()),
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
        """What a flow publishes of it. Rules are sorted by path: only for rules with one path does
        their order say something."""
        self.ensure_one()
        return {
            "name": self.name,
            "document_type": self.document_type_id.code,
            "version": self.document_type_id.version,
            "rules": [
                rule_facts(rule) for rule in sorted(self._rules(), key=lambda rule: rule.path)
            ],
        }

    def _rules(self) -> list[Rule]:
        """The rules as they are listed. Raises `PolicyError` if a condition cannot be read."""
        listed = self.rule_ids.sorted("sequence")
        return [rule._rule() for rule in listed if rule.path and rule.action]

    def _frame(self) -> Frame:
        """What is expected of the way the documents will go."""
        company = self.company_id or self.env.company
        return Frame(
            clearance=Sensitivity[self.expected_clearance or "public"],
            residency=residency_of(self.expected_region_id.code, company._interop_regions()),
            company=company.id,
            purpose=self.expected_purpose or "",
            # Whose key it will be is only known for a connector.
            encrypt=lambda value: self.env._("(encrypted for the recipient)"),
        )

    def _compile(self, frame: Frame | None = None) -> CompiledPolicy:
        """The compiled draft, for what is expected if no frame is given. Raises `PolicyError`."""
        self.ensure_one()
        sensitivities = self.document_type_id._sensitivities()
        return compile_policy(self._rules(), sensitivities, frame or self._frame())

    def _try_compile(self) -> tuple[CompiledPolicy | None, str]:
        """The compiled draft, or why there is none."""
        if not self.document_type_id:
            return None, ""
        try:
            return self._compile(), ""
        except PolicyError as problem:
            return None, problem.sentence
