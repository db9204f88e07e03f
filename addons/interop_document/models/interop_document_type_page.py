import base64
from typing import Any

from odoo import api, fields, models

# So many uses of one kind are listed; of the others only the number is told.
_SHOWN = 50


class InteropDocumentTypePage(models.Model):
    """What the page of a document type shows beside its fields: who uses it, and its file."""

    _inherit = "interop.document.type"

    version_count = fields.Integer(
        string="Versions",
        compute="_compute_version_count",
        help="How many versions of this document type there are, archived ones too.",
    )
    usage_html = fields.Html(
        string="Used by",
        compute="_compute_usage_html",
        sanitize=False,
        help="The flows, policies, mappings and the like that you may see and that use this type.",
    )
    schema_file = fields.Binary(
        string="Schema file",
        compute="_compute_schema_file",
        help="The JSON Schema as a file, whole in itself: partners can validate with it offline.",
    )

    @api.depends("code")
    def _compute_version_count(self) -> None:
        types = self.with_context(active_test=False)
        counts = dict(
            types._read_group([("code", "in", self.mapped("code"))], ["code"], ["__count"])
        )
        for document_type in self:
            document_type.version_count = counts.get(document_type.code, 0)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("code", "version")
    def _compute_usage_html(self) -> None:
        for document_type in self:
            uses = document_type._uses()
            document_type.usage_html = self.env["ir.qweb"]._render(
                "interop_document.document_type_usage", {"uses": uses}
            )

    @api.depends("schema_text")
    def _compute_schema_file(self) -> None:
        for document_type in self:
            document_type.schema_file = base64.b64encode(document_type.schema_text.encode())

    def _uses(self) -> list[dict[str, Any]]:
        """What refers to this type, as far as the user may read it, kind by kind.

        Whatever model has a stored Many2one to document types is asked, so that modules above need
        not say anything.
        """
        self.ensure_one()
        found = []
        for model in self.env.values():
            if model._abstract or model._transient or not model._auto:
                continue
            names = [
                name
                for name, field in model._fields.items()
                if field.type == "many2one" and field.comodel_name == self._name and field.store
            ]
            if names and model.has_access("read"):
                domain = fields.Domain.OR([(name, "in", self.ids)] for name in names)
                records = model.search(domain, limit=_SHOWN)
                if records:
                    count = model.search_count(domain)
                    found.append(
                        {
                            "heading": model._description,
                            "records": records,
                            "count": count,
                            "more": count - len(records),
                        }
                    )
        return sorted(found, key=lambda use: use["heading"])

    def action_download_schema(self) -> dict[str, Any]:
        """The schema as a file."""
        self.ensure_one()
        name = f"{self.code}-{self.version}.json"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/schema_file/{name}?download=true",
            "target": "download",
        }

    def action_compare(self) -> dict[str, Any]:
        """Choose another version and see what changes."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare versions"),
            "res_model": "interop.document.type.comparison",
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_type_id": self.id},
        }
