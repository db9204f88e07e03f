from odoo import fields, models


class InteropAuditAnchorEvery(models.TransientModel):
    """How often a connector is told of the newest seal."""

    _name = "interop.audit.anchor.every"
    _description = "Change how often Seals are Anchored"

    anchor_id = fields.Many2one(
        "interop.audit.anchor", required=True, readonly=True, help="The place concerned."
    )
    minutes = fields.Integer(
        required=True,
        help="So many minutes lie between two messages at least, 1 to 1440. Each message leaves "
        "entries in the trail itself.",
    )

    def action_change(self) -> None:
        """Set it; the change is kept in the audit trail."""
        self.ensure_one()
        self.anchor_id._require_manager()
        self.anchor_id._set_every_minutes(self.minutes)
