from odoo import models


class InteropControlNumberGap(models.Model):
    """Who was told that numbers are missing is told when they no longer are."""

    _inherit = "interop.control.number.gap"

    def _on_dismissed(self) -> None:
        result = super()._on_dismissed()
        self.env["interop.outcome"].sudo()._on_numbers_arrived(self.sudo())
        return result
