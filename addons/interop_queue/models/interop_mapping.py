from odoo import models


class InteropMapping(models.Model):
    _name = "interop.mapping"
    _inherit = ["interop.mapping", "interop.published.part", "interop.mapping.samples"]
    _interop_part = "mapping"
