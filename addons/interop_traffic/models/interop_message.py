from odoo import models
from odoo.exceptions import UserError


class InteropMessage(models.Model):
    _inherit = "interop.message"

    def action_redrive_at_scale(self) -> dict:
        """Make a campaign of the chosen dead letters, to be looked at before it starts."""
        self._require_operator()
        self.check_access("read")
        dead = self.filtered(lambda message: message.state == "dead")
        if not dead:
            raise UserError(self.env._("None of the chosen messages is a dead letter."))
        redrive = self.env["interop.redrive"].create({"source": "selection"})
        redrive._freeze(dead.ids)
        return redrive._opened()

    def action_rehearse(self) -> dict:
        """Prepare a rehearsal of the chosen messages."""
        self._require_operator()
        self.check_access("read")
        rehearsal = self.env["interop.rehearsal"].create({})
        rehearsal._take(self.ids)
        return rehearsal._opened()
