from odoo import api, models


class InteropKeyring(models.AbstractModel):
    _inherit = "interop.keyring"

    @api.model
    def _on_act(self, act, details):
        result = super()._on_act(act, details)
        self.env["interop.audit"]._record(act, details=details)
        return result
