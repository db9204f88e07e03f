from odoo import models


class IrConfigParameter(models.Model):
    """System parameters of Interop: that they were changed is noted, never to what."""

    _name = "ir.config_parameter"
    _inherit = ["ir.config_parameter", "interop.audit.configured"]
    _configured_noun = "setting"

    def _configured_concerned(self):
        return self.filtered(lambda parameter: (parameter.sudo().key or "").startswith("interop"))

    def _configured_label(self):
        return self.sudo().key
