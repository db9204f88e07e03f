from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

MOST_HOURS = 90 * 24


class InteropVaultSecretRotate(models.TransientModel):
    """A new value for a secret. It is sealed when it is typed, and put into use by the button."""

    _name = "interop.vault.secret.rotate"
    _description = "New Value for a Secret"
    _inherit = ["interop.vault.secret.input"]

    secret_id = fields.Many2one(
        "interop.vault.secret",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The secret that gets a new value.",
    )
    kind = fields.Selection(related="secret_id.kind", help="How the partner expects the value.")
    overlap_hours = fields.Integer(
        string="Both valid for (hours)",
        default=24,
        help="So long the present value stays valid beside the new one: what partners sign may be "
        "signed with either, and if a partner refuses the new one the present one is tried. 0: the "
        "present value ends at once, for example because it became known to somebody.",
    )
    expires_on = fields.Date(
        string="New value ends on",
        help="The last day on which the partner accepts the new value. A certificate tells itself.",
    )
    generation = fields.Integer(
        readonly=True, help="Which value of the secret was typed here, counted from its first one."
    )

    @api.constrains("overlap_hours")
    def _check_overlap_hours(self) -> None:
        for wizard in self:
            if not 0 <= wizard.overlap_hours <= MOST_HOURS:
                raise ValidationError(
                    self.env._("Both values can be valid for 0 to %s hours.", MOST_HOURS)
                )

    def _inverse_value(self):
        for wizard in self:
            if wizard._has_input():
                secret = wizard.secret_id
                secret.check_access("write")
                if secret.source != "sealed":
                    raise UserError(
                        self.env._("This secret is kept outside Odoo: change it there.")
                    )
                wizard.generation = secret._store_next(secret._compose(wizard))
        self.invalidate_recordset()

    def action_rotate(self) -> dict:
        """Put the new value into use."""
        self.ensure_one()
        if not self.generation:
            raise UserError(self.env._("Enter the new value first."))
        secret = self.secret_id
        secret._rotate(self.generation, self.overlap_hours)
        if secret.kind != "mtls":
            secret.expires_on = self.expires_on
        return {"type": "ir.actions.act_window_close"}
