from odoo import api, models

#: What gives or takes rights. A user's own preferences are of no concern here.
DECIDING = {"group_ids", "role", "active", "company_id", "company_ids", "interop_area_ids"}


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        self.env["interop.audit.rights"]._watch()
        return super().create(vals_list)

    def write(self, vals):
        if not DECIDING.isdisjoint(vals):
            self.env["interop.audit.rights"]._watch()
        return super().write(vals)

    def unlink(self):
        self.env["interop.audit.rights"]._watch()
        return super().unlink()
