from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .interop_intake import LIMIT_DEFAULT, LIMIT_HIGHEST, LIMIT_PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    interop_inbound_max_mb = fields.Integer(
        string="Largest delivery (MB)",
        config_parameter=LIMIT_PARAMETER,
        default=LIMIT_DEFAULT,
        help="Partners' deliveries up to this size are taken in, 1 to 1024. Larger ones are "
        "refused before they are read. A format may have a lower limit of its own: JSON takes 32.",
    )

    @api.constrains("interop_inbound_max_mb")
    def _check_interop_inbound_max_mb(self) -> None:
        for settings in self:
            if not 1 <= settings.interop_inbound_max_mb <= LIMIT_HIGHEST:
                raise ValidationError(
                    self.env._("The largest delivery must be between 1 and 1024 MB.")
                )
