from odoo import models

from .ir_rule import OURS


class IrModelAccess(models.Model):
    """Which role may read and write which records of Interop: changes are evidence."""

    _name = "ir.model.access"
    _inherit = ["ir.model.access", "interop.audit.configured"]
    _configured_noun = "rule"

    def _configured_concerned(self):
        return self.filtered(lambda access: (access.sudo().model_id.model or "").startswith(OURS))
