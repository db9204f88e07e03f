from odoo import models


class InteropArming(models.Model):
    _inherit = "interop.arming"

    def _note(self, act, outcome="ok"):
        result = super()._note(act, outcome)
        self.env["interop.audit"]._record(
            act,
            record=self,
            outcome=outcome,
            subject=self.env["interop.instance"]._get_uuid(),
            details={"environment": self.environment or None, "reason": self.reason},
        )
        return result
