from odoo import api, models
from odoo.exceptions import UserError

_MODELS = ("interop.message", "interop.audit.entry")


class IrFilters(models.Model):
    """A saved search would keep in the clear whom somebody looked for."""

    _inherit = "ir.filters"

    @api.model_create_multi
    def create(self, vals_list):
        filters = super().create(vals_list)
        filters._refuse_persons()
        return filters

    def write(self, vals):
        result = super().write(vals)
        self._refuse_persons()
        return result

    def _refuse_persons(self) -> None:
        for each in self:
            if each.model_id in _MODELS and "person" in (each.domain or ""):
                raise UserError(
                    self.env._("A search for a person cannot be saved: the name would be kept.")
                )
