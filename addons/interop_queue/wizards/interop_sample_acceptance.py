from odoo import api, fields, models


class InteropSampleAcceptance(models.TransientModel):
    """Shows what came out beside what was expected, before it is accepted for good."""

    _name = "interop.sample.acceptance"
    _description = "Accept a Sample's Result as Expected"

    sample_id = fields.Many2one(
        "interop.sample", required=True, readonly=True, ondelete="cascade", help="The sample."
    )
    digest = fields.Char(readonly=True, help="Digest of the result that is looked at.")
    diff_html = fields.Html(
        string="Difference",
        compute="_compute_diff_html",
        sanitize=False,
        help="− is expected so far, + came out and would be expected from now on.",
    )
    why = fields.Text(related="sample_id.why", help="Why the sample matters.")
    reason = fields.Char(
        help="Why the new result is right. It is kept in the audit trail beside your name.",
    )

    @api.depends("sample_id")
    def _compute_diff_html(self) -> None:
        for wizard in self:
            wizard.diff_html = wizard.sample_id.diff_html

    def action_accept(self) -> dict:
        """Let this result be what is expected."""
        self.ensure_one()
        self.sample_id._accept(self.digest or "", self.reason or "")
        return {"type": "ir.actions.act_window_close"}
