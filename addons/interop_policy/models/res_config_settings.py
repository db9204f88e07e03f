from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    interop_personal_region_ids = fields.Many2many(
        related="company_id.interop_personal_region_ids",
        readonly=False,
        string="Personal data may go to",
        help="The countries to which this company's flows may send personal data in a form that "
        "still points to a person. Empty: only the company's own country.",
    )
    interop_health_region_ids = fields.Many2many(
        related="company_id.interop_health_region_ids",
        readonly=False,
        string="Health data may go to",
        help="The countries to which this company's flows may send health data in a form that "
        "still points to a person. Empty: only the company's own country.",
    )
