from odoo import models


class InteropPolicy(models.Model):
    _name = "interop.policy"
    _inherit = ["interop.policy", "interop.published.part"]
    _interop_part = "policy"
