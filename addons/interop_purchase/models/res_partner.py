from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    interop_account_number = fields.Char(
        string="Our Account Number",
        company_dependent=True,
        help="The customer number under which this supplier keeps our company. Each company has "
        "its own. Orders carry it.",
    )
