from odoo import api, models


class InteropFence(models.AbstractModel):
    _inherit = "interop.fence"

    @api.model
    def _arm(self, reason):
        result = super()._arm(reason)
        self._audit_fence("fence.arm", reason)
        return result

    @api.model
    def _disarm(self, reason):
        result = super()._disarm(reason)
        self._audit_fence("fence.disarm", reason)
        return result

    def _audit_fence(self, act, reason):
        instance = self.env["interop.instance"]._get()
        self.env["interop.audit"]._record(
            act,
            record=instance,
            subject=instance.uuid,
            details={"environment": instance.environment or None, "reason": reason},
        )
