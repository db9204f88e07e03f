from odoo import fields, models

from ..models.interop_access_review_line import DECISIONS


class InteropAccessReviewDecision(models.TransientModel):
    """Why rights are kept or taken away."""

    _name = "interop.access.review.decision"
    _description = "Decide Rights"

    line_ids = fields.Many2many(
        "interop.access.review.line", readonly=True, help="The rights that are decided."
    )
    decision = fields.Selection(
        DECISIONS[1:3], required=True, readonly=True, default="keep", help="What is decided."
    )
    reason = fields.Char(
        required=True,
        help="For who asks later: what the person needs it for, or why not any more. It is kept "
        "with the review and in the audit trail.",
    )

    def action_decide(self) -> dict:
        """Write the decision down."""
        self.line_ids._decide(self.decision, (self.reason or "").strip())
        return {"type": "ir.actions.act_window_close"}
