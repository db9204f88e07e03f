from odoo import api, fields, models


class InteropArea(models.Model):
    """A part of the business. Who sees which messages is decided per area and company."""

    _name = "interop.area"
    _description = "Business Area"
    _order = "sequence, name, id"

    name = fields.Char(
        required=True, translate=True, help="The name people see, for example Purchasing."
    )
    code = fields.Char(
        required=True,
        help="A short fixed name used by integrations. Do not change it once it is in use.",
    )
    sequence = fields.Integer(default=10, help="Areas with a lower number are listed first.")
    active = fields.Boolean(
        default=True, help="Archive an area that is no longer used. Its history stays."
    )
    finance_review = fields.Boolean(
        string="Reviewed by finance",
        help="Finance Reviewers see and decide the exceptions of this area (never the content "
        "of messages).",
    )
    user_ids = fields.Many2many(
        "res.users",
        "interop_area_res_users_rel",
        "area_id",
        "user_id",
        string="Users",
        help="People who may see messages and exceptions of this area, within their companies.",
    )

    _code_unique = models.Constraint("UNIQUE(code)", "Another business area has this code.")

    @api.model_create_multi
    def create(self, vals_list):
        areas = super().create(vals_list)
        if any("user_ids" in vals for vals in vals_list):
            self.env.registry.clear_cache()
        return areas

    def write(self, vals):
        result = super().write(vals)
        if "user_ids" in vals:
            # Record rules keep the areas of a user in their cached domain.
            self.env.registry.clear_cache()
        return result
