from typing import Any

from odoo import api, models

from ..lib.canonical import canonical_json, digest


class InteropSourceRuleEvidence(models.AbstractModel):
    """Every change of a rule stands in the audit trail."""

    _name = "interop.source.rule.evidence"
    _description = "Evidence of Source of Truth Rules"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create([self._trimmed(vals) for vals in vals_list])
        rules._audit_change()
        return rules

    def write(self, vals):
        result = super().write(self._trimmed(vals))
        self._audit_change()
        return result

    def unlink(self):
        for rule in self:
            self.env["interop.audit"]._record(
                "source_rule.delete",
                record=rule,
                digest=digest(canonical_json(rule._snapshot())),
                details={"type": rule.document_type_id.display_name, "path": rule.path},
            )
        return super().unlink()

    @api.model
    def _trimmed(self, vals: dict[str, Any]) -> dict[str, Any]:
        return {**vals, "path": vals["path"].strip()} if vals.get("path") else vals

    def _audit_change(self) -> None:
        """One entry per rule and transaction."""
        precommit = self.env.cr.precommit
        changed = precommit.data.setdefault("interop_source_rule.changed", {})
        if not changed:
            precommit.add(self._record_changes)
        for rule in self:
            changed.setdefault(rule.id, self.env.uid)

    @api.model
    def _record_changes(self) -> None:
        changed = self.env.cr.precommit.data.pop("interop_source_rule.changed", {})
        for rule_id, user_id in changed.items():
            rule = self.sudo().browse(rule_id).exists()
            if rule:
                snapshot = rule._snapshot()
                self.env["interop.audit"].with_user(user_id)._record(
                    "source_rule.change",
                    record=rule,
                    digest=digest(canonical_json(snapshot)),
                    details=snapshot,
                )
