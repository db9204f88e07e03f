from odoo import fields, models

from ..lib.environments import label


class InteropArm(models.TransientModel):
    """Asks why before the fence is opened."""

    _name = "interop.arm"
    _description = "Arm This Installation"

    server_environment = fields.Char(
        compute="_compute_server_environment",
        help="The environment that the server's own configuration names.",
    )
    fence_reason = fields.Char(
        string="Now",
        compute="_compute_server_environment",
        help="Why the fence is open or closed at present.",
    )
    why_two = fields.Char(
        string="Why two people",
        compute="_compute_server_environment",
        help="Set if somebody else has to approve. You then only ask for it.",
    )
    reason = fields.Char(
        required=True,
        help="Why this database may talk to partners from here on. It is kept as evidence.",
    )

    def _compute_server_environment(self):
        fence = self.env["interop.fence"]
        state = fence._state()
        environment = fence._server_settings().environment
        for wizard in self:
            wizard.server_environment = label(environment)
            wizard.fence_reason = state.reason
            wizard.why_two = fence._why_two()

    def action_arm(self) -> dict:
        """Arm for the server's environment, with the given reason."""
        self.ensure_one()
        self.env["interop.fence"]._arm(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_ask(self) -> dict:
        """Ask for arming where it takes two people, and show the request."""
        self.ensure_one()
        return self.env["interop.arming"]._ask(self.reason)._shown()
