from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    interop_fence_open = fields.Boolean(
        string="Fence is open",
        compute="_compute_interop_state",
        help="Open: this database may talk to partners. Closed: it sends and receives nothing.",
    )
    interop_fence_state = fields.Char(
        string="Environment fence",
        compute="_compute_interop_state",
        help="Whether this database may talk to partners, and why.",
    )
    interop_keyring_ready = fields.Boolean(
        string="Keyring is ready", compute="_compute_interop_state", help="The keyring can be used."
    )
    interop_keyring_state = fields.Char(
        string="Keyring",
        compute="_compute_interop_state",
        help="Whether the file with the keys can be used. Keys are never shown.",
    )

    def _compute_interop_state(self):
        state = self.env["interop.fence"]._state()
        ready, sentence = self.env["interop.keyring"]._status()
        for settings in self:
            settings.interop_fence_open = state.is_open
            settings.interop_fence_state = state.reason
            settings.interop_keyring_ready = ready
            settings.interop_keyring_state = sentence
