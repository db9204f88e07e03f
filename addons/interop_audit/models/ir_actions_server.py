from odoo import models

from .ir_rule import OURS


class IrActionsServer(models.Model):
    """What a button or a scheduled action does with records of Interop: changes are evidence."""

    _name = "ir.actions.server"
    _inherit = ["ir.actions.server", "interop.audit.configured"]
    _configured_noun = "action"

    def _configured_concerned(self):
        return self.filtered(lambda action: (action.sudo().model_id.model or "").startswith(OURS))
