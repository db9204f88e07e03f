from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.fields import SchemaError
from ..lib.truths import truths


class InteropDocumentTypeTruth(models.AbstractModel):
    """Who holds the truth of a type's fields, and the rules about them."""

    _name = "interop.document.type.truth"
    _description = "Truth of Document Types"

    source_rule_count = fields.Integer(
        string="Source of truth",
        compute="_compute_source_rule_count",
        help="Rules that say what happens when a partner's document of this type disagrees with "
        "ours.",
    )

    def _compute_source_rule_count(self) -> None:
        counts = dict(
            self.env["interop.source.rule"]._read_group(
                [("document_type_id", "in", self.ids)], ["document_type_id"], ["__count"]
            )
        )
        for document_type in self:
            document_type.source_rule_count = counts.get(document_type, 0)

    @api.constrains("schema_text")
    def _check_truths(self) -> None:
        for document_type in self:
            try:
                truths(document_type._validator().schema)
            except SchemaError as problem:
                raise ValidationError(str(problem)) from None

    def action_source_rules(self) -> dict[str, Any]:
        """Open the rules about this type's fields."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_document.interop_source_rule_action"
        )
        return {
            **action,
            "domain": [("document_type_id", "=", self.id)],
            "context": {"default_document_type_id": self.id},
        }
