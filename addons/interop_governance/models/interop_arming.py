from odoo import models


class InteropArming(models.Model):
    """A request to arm what was restored opens a recovery case, and waits for its decisions."""

    _inherit = "interop.arming"

    def _on_asked(self) -> None:
        result = super()._on_asked()
        if self.env["interop.fence"]._is_restored():
            self.env["interop.recovery"]._open_case(self.reason, self)
        return result

    def _obstacles(self) -> list[str]:
        return super()._obstacles() + self._recovery()._obstacles()

    def _recovery(self) -> models.Model:
        return self.env["interop.recovery"].sudo().search([("arming_id", "=", self.id)], limit=1)

    def _shown(self) -> dict:
        recovery = self._recovery()
        return recovery._shown() if recovery else super()._shown()

    def action_open_recovery(self) -> dict:
        """Open the recovery case that goes with this request."""
        self.ensure_one()
        return self._recovery()._shown() if self._recovery() else super()._shown()

    def _decide(self, state: str) -> None:
        result = super()._decide(state)
        if state != "approved":
            self._recovery()._called_off()
        return result
