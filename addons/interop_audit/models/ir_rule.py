from odoo import models

OURS = "interop."


class IrRule(models.Model):
    """Who sees which records of Interop: changes are evidence."""

    _name = "ir.rule"
    _inherit = ["ir.rule", "interop.audit.configured"]
    _configured_noun = "rule"

    def _configured_concerned(self):
        return self.filtered(lambda rule: (rule.sudo().model_id.model or "").startswith(OURS))
