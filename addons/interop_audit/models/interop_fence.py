from odoo import api, models


class InteropFence(models.AbstractModel):
    _inherit = "interop.fence"

    def _open(self, reason, act="fence.arm"):
        result = super()._open(reason, act)
        self._audit_fence(act, reason)
        return result

    @api.model
    def _disarm(self, reason):
        result = super()._disarm(reason)
        self._audit_fence("fence.disarm", reason)
        return result

    @api.model
    def _arm_alone(self, reason):
        result = super()._arm_alone(reason)
        if "interop.audit.alarms" in self.env:
            self.env["interop.audit.alarms"]._raise(
                "armed_alone",
                self.env._("One person armed this installation where it takes two."),
                {"reason": reason},
            )
        return result

    def _audit_fence(self, act, reason):
        instance = self.env["interop.instance"]._get()
        self.env["interop.audit"]._record(
            act,
            record=instance,
            subject=instance.uuid,
            details={"environment": instance.environment or None, "reason": reason},
        )
