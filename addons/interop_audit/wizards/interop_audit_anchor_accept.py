from odoo import fields, models
from odoo.exceptions import UserError


class InteropAuditAnchorAccept(models.TransientModel):
    """A person has looked at anchors that differ from the database, and says why it is in order."""

    _name = "interop.audit.anchor.accept"
    _description = "Accept a Difference of Anchors"

    anchor_id = fields.Many2one(
        "interop.audit.anchor", required=True, readonly=True, help="The place that was compared."
    )
    check_sentence = fields.Char(related="anchor_id.check_sentence")
    reason = fields.Text(
        required=True,
        help="Why the difference is in order, for example a restore from a backup. It is kept in "
        "the audit trail.",
    )

    def action_accept(self) -> None:
        """Compare what is anchored from now on; the alarm ends."""
        self.ensure_one()
        self.anchor_id._require_manager()
        if not self.anchor_id.check_failed:
            raise UserError(self.env._("Nothing differs any more."))
        if len(self.reason.strip()) < 5:
            raise UserError(self.env._("Say in a few words why the difference is in order."))
        self.env["interop.audit.anchors"]._accept(
            self.anchor_id.target, self.anchor_id.place, self.reason.strip()
        )
