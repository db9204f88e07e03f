from odoo import fields, models


class InteropMissingCodeIgnore(models.TransientModel):
    _name = "interop.missing.code.ignore"
    _description = "Ignore Codes With a Reason"

    code_ids = fields.Many2many(
        "interop.missing.code", required=True, help="The codes that this is about."
    )
    reason = fields.Char(
        required=True, help="Why. It is kept with the code and in the audit trail."
    )

    def action_ignore(self) -> dict:
        """Take the chosen codes off the list."""
        self.ensure_one()
        self.code_ids.action_ignore(self.reason)
        return {"type": "ir.actions.act_window_close"}
