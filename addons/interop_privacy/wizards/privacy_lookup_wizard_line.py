from typing import Any

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_queue.lib.erasure import ERASED, OUTCOMES


class PrivacyLookupWizardLine(models.TransientModel):
    """Messages are evidence and stay; deleting one in Odoo's lookup erases its content."""

    _inherit = "privacy.lookup.wizard.line"

    def action_unlink(self) -> dict[str, Any] | None:
        self.ensure_one()
        if self.res_model != "interop.message":
            return super().action_unlink()
        if self.is_unlinked:
            raise UserError(self.env._("Its content is erased already."))
        erasure = self.sudo().env["interop.erasure"]
        digests = self.wizard_id._interop_digests()
        [(outcome, duty)] = erasure._erase([self.res_id], digests).values()
        self.is_unlinked = outcome in ERASED or outcome == "purged"
        told = OUTCOMES[outcome] + (f" ({duty})" if duty else "")
        self.execution_details = f"{told}: {self.res_model_id.name} #{self.res_id}"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": told,
                "type": "success" if self.is_unlinked else "warning",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
