from odoo import fields, models


class InteropPublicationDecision(models.TransientModel):
    """An approver's yes or no to what another proposed, with a reason. Managers may say no."""

    _name = "interop.publication.decision"
    _description = "Decide a Publication"

    publication_id = fields.Many2one(
        "interop.publication", required=True, readonly=True, help="What is decided."
    )
    changes_html = fields.Html(related="publication_id.changes_html", sanitize=False)
    proposed_reason = fields.Text(related="publication_id.reason", string="Why it was proposed")
    approval_problem = fields.Char(related="publication_id.approval_problem")
    reason = fields.Text(
        string="What you say to it",
        help="Needed when you reject. It is kept with the proposal and in the audit trail.",
    )

    def action_approve(self) -> dict:
        """Put it in force."""
        self.publication_id.action_approve(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_reject(self) -> dict:
        """Refuse it."""
        self.publication_id.action_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
