import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

_CODE = re.compile(r"[A-Z0-9]{1,3}")


class UomUom(models.Model):
    _inherit = "uom.uom"

    interop_unece_code = fields.Char(
        string="Trade Code",
        help="Code of this unit after UN/ECE Recommendation 20 (EA each, BX box, LTR litre …). "
        "Orders carry it beside the unit's name, so that a partner need not guess.",
    )

    @api.constrains("interop_unece_code")
    def _check_interop_unece_code(self) -> None:
        for unit in self:
            if unit.interop_unece_code and not _CODE.fullmatch(unit.interop_unece_code):
                raise ValidationError(
                    self.env._(
                        "The trade code of %s must be up to three capital letters or digits.",
                        unit.name,
                    )
                )
