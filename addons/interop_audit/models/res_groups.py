from odoo import api, models


class ResGroups(models.Model):
    """Whatever changes of a role may change what its people may do."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        self.env["interop.audit.rights"]._watch()
        return super().create(vals_list)

    def write(self, vals):
        self.env["interop.audit.rights"]._watch()
        return super().write(vals)

    def unlink(self):
        self.env["interop.audit.rights"]._watch()
        return super().unlink()
