import base64
from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError


class InteropRecoveryAnchors(models.TransientModel):
    """Takes in a file of anchors that was kept elsewhere."""

    _name = "interop.recovery.anchors"
    _description = "Anchors Kept Elsewhere"

    recovery_id = fields.Many2one(
        "interop.recovery", required=True, readonly=True, ondelete="cascade",
        help="The recovery it is about.",
    )  # fmt: skip
    anchors = fields.Binary(
        required=True, attachment=False,
        help="The file to which anchors were written, for example from the log server.",
    )  # fmt: skip
    anchors_name = fields.Char(help="Name of the file.")

    def action_read(self) -> dict[str, Any]:
        """Count what they know beyond the backup. Managers."""
        self.ensure_one()
        recovery = self.recovery_id
        recovery._check_may_work()
        text = base64.b64decode(self.anchors).decode("utf-8", "replace")
        found = recovery.sudo()._note_outside(
            text.splitlines(), self.anchors_name or self.env._("a file")
        )
        if not found.read:
            raise UserError(self.env._("There is no anchor of this installation in the file."))
        recovery._note(
            "recovery.anchors_read",
            {"anchors": found.read, "seals": found.seals, "entries": found.entries},
        )
        return {"type": "ir.actions.act_window_close"}
