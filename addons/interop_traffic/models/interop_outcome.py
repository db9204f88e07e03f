from odoo import models


class InteropOutcome(models.AbstractModel):
    """What is overdue in steering the traffic becomes work for people."""

    _inherit = "interop.outcome"

    def _sweep(self) -> None:
        result = super()._sweep()
        self.env["interop.exception"]._sweep_batches()
        return result
