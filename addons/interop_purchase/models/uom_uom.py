from odoo import fields, models


class UomUom(models.Model):
    _inherit = "uom.uom"

    interop_unece_code = fields.Char(
        string="Trade Code",
        help="Code of this unit after UN/ECE Recommendation 20 (C62 piece, BX box, LTR litre …). "
        "Orders carry it beside the unit's name, so that a partner need not guess.",
    )
