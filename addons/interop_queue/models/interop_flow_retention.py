from odoo import api, fields, models

from ..lib.retention import default_class


class InteropFlowRetention(models.AbstractModel):
    """How long the content of a flow's messages is kept."""

    _name = "interop.flow.retention"
    _description = "Flow: Retention"

    retention_class_id = fields.Many2one(
        "interop.retention.class",
        string="Content is kept",
        compute="_compute_retention_class_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        tracking=True,
        help="How long documents, payloads and replies are kept after their message has ended. "
        "Takes effect by publishing, then for what is kept already too. Proposed by the most "
        "sensitive field of the document type: health data is kept short unless you choose "
        "otherwise.",
    )

    @api.depends("document_type_id")
    def _compute_retention_class_id(self) -> None:
        classes = self.env["interop.retention.class"].sudo()
        by_code = {each.code: each for each in classes.search([])}
        for flow in self:
            # What a person chose stays; a draft without a choice follows its document type.
            if flow.retention_class_id:
                continue
            wanted = default_class(flow.document_type_id.highest_sensitivity)
            flow.retention_class_id = by_code.get(wanted) or by_code.get("standard")
