from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    interop_area_ids = fields.Many2many(
        "interop.area",
        "interop_area_res_users_rel",
        "user_id",
        "area_id",
        string="Business areas",
        help="Interop shows this user messages and exceptions of these areas, within the "
        "user's companies. Integration Managers see all areas.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        if any("interop_area_ids" in vals for vals in vals_list):
            self.env.registry.clear_cache()
        return users

    def write(self, vals):
        result = super().write(vals)
        if "interop_area_ids" in vals:
            # Record rules keep the areas of a user in their cached domain.
            self.env.registry.clear_cache()
        return result
