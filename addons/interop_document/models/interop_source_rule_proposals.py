from odoo import api, models

from ..lib.sources import SHARED
from ..lib.truths import DATE, MONEY, NUMBER, OTHER, compared, value_kinds

_NO_CHOICE = ["-"]  # the web client cannot do with an empty list


class InteropSourceRuleProposals(models.AbstractModel):
    """Which field a rule is about, and what fits that field."""

    _name = "interop.source.rule.proposals"
    _description = "Fields of Source of Truth Rules"

    @api.model
    def _selection_path_choice(self) -> list[tuple[str, str]]:
        labels: dict[str, str] = {}
        for document_type in self.env["interop.document.type"].sudo().search([]):
            for path in sorted(compared(document_type.code)):
                labels.setdefault(path, self._title(document_type, path) or path)
        return list(labels.items())

    @api.depends("document_type_id")
    def _compute_path_choices(self) -> None:
        for rule in self:
            rule.path_choices = sorted(compared(rule.document_type_id.code)) or _NO_CHOICE

    @api.depends("document_type_id", "path")
    def _compute_field(self) -> None:
        choices = {path for path, _label in self._selection_path_choice()}
        for rule in self:
            document_type, path = rule.document_type_id, rule.path or ""
            rule.is_compared = path in compared(document_type.code)
            rule.path_choice = path if rule.is_compared and path in choices else False
            rule.value_kind = rule._kinds().get(path, OTHER)
            rule.field_title = self._title(document_type, path)

    @api.onchange("path_choice")
    def _onchange_path_choice(self) -> None:
        if self.path_choice:
            self.path = self.path_choice

    def _kinds(self) -> dict[str, str]:
        """The kind of value of each field that the rule may name; none without a document type."""
        document_type = self.document_type_id
        return value_kinds(document_type._validator().fields) if document_type else {}

    @api.model
    def _title(self, document_type: models.Model, path: str) -> str:
        """The way to the field in titles: `Lines › Unit price › Amount`."""
        if not document_type:
            return ""
        titles = {field.path: field.title for field in document_type._validator().fields}
        steps = path.split(".")
        found = [titles.get(".".join(steps[:place]), "") for place in range(1, len(steps) + 1)]
        return " › ".join(title for title in found if title)

    @api.depends("field_title", "path", "partner_id", "company_id")
    def _compute_display_name(self) -> None:
        for rule in self:
            if not rule.path:
                rule.display_name = self.env._("New rule")
                continue
            scope = [rule.partner_id.name, rule.company_id.name]
            told = ", ".join(filter(None, scope)) or self.env._("everybody")
            rule.display_name = f"{rule.field_title or rule.path}: {told}"

    # -- proposals; one method each, so that what is given keeps no other from being set ---------

    @api.depends("document_type_id", "path")
    def _compute_truth(self) -> None:
        for rule in self:
            stated = self._truths(rule.document_type_id) if rule.document_type_id else {}
            rule.truth = stated.get(rule.path or "", SHARED)

    @api.depends("document_type_id", "path")
    def _compute_tolerance_amount(self) -> None:
        for rule in self:
            rule.tolerance_amount = (
                rule.tolerance_amount if rule.value_kind in (MONEY, NUMBER) else 0
            )

    @api.depends("document_type_id", "path")
    def _compute_tolerance_percent(self) -> None:
        for rule in self:
            fits = rule.value_kind in (MONEY, NUMBER)
            rule.tolerance_percent = rule.tolerance_percent if fits else 0

    @api.depends("document_type_id", "path")
    def _compute_tolerance_days(self) -> None:
        for rule in self:
            rule.tolerance_days = rule.tolerance_days if rule.value_kind == DATE else 0

    @api.depends("document_type_id", "path", "company_id")
    def _compute_currency_id(self) -> None:
        for rule in self:
            usual = (rule.company_id or self.env.company).currency_id
            rule.currency_id = (rule.currency_id or usual) if rule.value_kind == MONEY else False

    @api.depends(
        "tolerance_amount", "tolerance_percent", "tolerance_days", "currency_id", "value_kind"
    )
    def _compute_tolerance_text(self) -> None:
        for rule in self:
            limits = rule._rule().tolerance.facts() if rule.truth and rule.on_difference else {}
            told = []
            if "amount" in limits:
                told.append(f"{limits['amount']} {limits.get('currency', '')}".strip())
            if "percent" in limits:
                told.append(f"{limits['percent']} %")
            if "days" in limits:
                told.append(self.env._("%s days", limits["days"]))
            rule.tolerance_text = self.env._(" and ").join(told)
