from odoo import api, models


class InteropFence(models.AbstractModel):
    _inherit = "interop.fence"

    @api.model
    def _on_take_over(self, reason, arming):
        """Nothing leaves before it is decided what may have left already."""
        result = super()._on_take_over(reason, arming)
        recoveries = self.env["interop.recovery"].sudo()
        if arming is None:
            recovery = recoveries._open_case(reason, None)
            recovery._accept_proposals()
        else:
            recovery = arming._recovery()
        recovery._carry_out()
        return result
