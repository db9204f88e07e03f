from odoo import api, models


class InteropAuditAlarms(models.AbstractModel):
    """An alarm of the audit trail becomes work for a person, and is settled when it ends."""

    _inherit = "interop.audit.alarms"

    @api.model
    def _on_raised(self, alarm: models.Model) -> None:
        result = super()._on_raised(alarm)
        self.env["interop.exception"]._raise_alarm(alarm)
        return result

    @api.model
    def _on_ended(self, alarm: models.Model) -> None:
        result = super()._on_ended(alarm)
        self.env["interop.exception"]._settle_alarm(alarm)
        return result
