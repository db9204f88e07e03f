from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        if "user_ids" in vals:
            self.env["interop.audit.rights"]._watch()
        return super().write(vals)
