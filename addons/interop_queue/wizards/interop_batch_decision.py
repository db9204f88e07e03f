from odoo import api, fields, models


class InteropBatchDecision(models.TransientModel):
    """A person looks at a batch's totals and lets it leave, or dissolves it."""

    _name = "interop.batch.decision"
    _description = "Decide About a Batch"

    batch_id = fields.Many2one(
        "interop.batch", required=True, readonly=True, help="The batch that this is about."
    )
    act = fields.Selection(
        [("release", "Release"), ("return", "Dissolve")],
        required=True, readonly=True, help="What is decided.",
    )  # fmt: skip
    digest = fields.Char(
        compute="_compute_digest", store=True, readonly=False,
        help="The payload whose totals are shown: only that one is released.",
    )  # fmt: skip
    document_count = fields.Integer(
        related="batch_id.document_count", help="How many documents its payload holds."
    )
    totals_told = fields.Text(
        related="batch_id.totals_told",
        help="Sums over all documents in the payload, by currency or unit of measure.",
    )
    reason = fields.Char(help="Why. It is kept as evidence, so write no patient data here.")

    @api.depends("batch_id")
    def _compute_digest(self) -> None:
        for decision in self:
            decision.digest = decision.batch_id.digest

    def action_decide(self) -> dict:
        """Do what was decided."""
        self.ensure_one()
        if self.act == "release":
            self.batch_id.action_release(self.digest, self.reason)
        else:
            self.batch_id.action_return(self.reason)
        return {"type": "ir.actions.act_window_close"}
