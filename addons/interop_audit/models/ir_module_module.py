import json

from odoo import models
from odoo.exceptions import UserError

from .. import sql_verify

MODULE = "interop_audit"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def write(self, vals):
        # Whatever way leads to it, what is to go gets this state, and so does all above it.
        if vals.get("state") == "to remove" and MODULE in self.mapped("name"):
            self._refuse_losing_the_trail()
        return super().write(vals)

    def _refuse_losing_the_trail(self) -> None:
        """The trail goes with the module: somebody must have taken all of it away just before."""
        cr = self.env.cr
        cr.execute(sql_verify.LAST_TAKEN)
        row = cr.fetchone()
        if row:
            cr.execute(sql_verify.AFTER_TAKEN, [json.loads(row[0])["up_to"]])
            if not cr.fetchone()[0]:
                return
            reason = self.env._("Since the last export, further acts were recorded.")
        else:
            reason = self.env._("It was not exported within the last 24 hours.")
        raise UserError(
            self.env._(
                "Uninstalling would delete the audit trail. %(reason)s\n\nStop the engine, then "
                "export the whole trail and keep the file: Interop → Evidence → Exports, New, "
                "Whole trail, Download; or on the server: odoo interop_verify -d DATABASE --export "
                "FOLDER. Uninstall right after that.",
                reason=reason,
            )
        )
