from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_document.lib.gs1 import is_udi_di

from ..lib.storage import STORAGE


class ProductTemplate(models.Model):
    _inherit = "product.template"

    interop_udi_di = fields.Char(
        string="UDI-DI",
        help="Device identifier of a medical device, as printed in its UDI. For most devices it is "
        "the GTIN. Partners recognise the item by it.",
    )
    interop_storage_condition = fields.Selection(
        [(storage.code, storage.label) for storage in STORAGE.values()],
        string="Storage Condition",
        help="The temperature the goods need on their way and in store. Orders tell it to the "
        "supplier on each line.",
    )
    interop_lot_required = fields.Boolean(
        string="Lot Number Required",
        help="The supplier has to state the lot of what it delivers. Orders say so on each line.",
    )
    interop_min_shelf_life_days = fields.Integer(
        string="Minimum Shelf Life",
        help="Days that the goods must at least keep when they arrive. Orders say so on each line, "
        "and ask for the expiry date. 0 for no requirement.",
    )

    _interop_min_shelf_life_positive = models.Constraint(
        "CHECK(interop_min_shelf_life_days >= 0)", "The minimum shelf life cannot be negative."
    )

    @api.constrains("interop_udi_di")
    def _check_interop_udi_di(self) -> None:
        for product in self:
            if product.interop_udi_di and not is_udi_di(product.interop_udi_di.strip()):
                raise ValidationError(
                    self.env._(
                        "The UDI-DI of %s is not right: its digits do not make a GTIN. Check the "
                        "number of digits and the last one, the check digit.",
                        product.display_name,
                    )
                )
