from odoo import api, models


class InteropArea(models.Model):
    _name = "interop.area"
    _inherit = ["interop.area", "interop.audit.configured"]
    _configured_noun = "area"

    @api.model_create_multi
    def create(self, vals_list):
        self.env["interop.audit.rights"]._watch()
        return super().create(vals_list)

    def write(self, vals):
        if "user_ids" in vals:
            self.env["interop.audit.rights"]._watch()
        return super().write(vals)

    def unlink(self):
        self.env["interop.audit.rights"]._watch()
        return super().unlink()
