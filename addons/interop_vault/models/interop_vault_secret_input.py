from odoo import fields, models
from odoo.exceptions import UserError

from ..lib.all_kinds import KINDS
from ..lib.kinds import Entered

INPUTS = ("value", "value_certificate", "value_private_key", "value_passphrase")


class InteropVaultSecretInput(models.AbstractModel):
    """Where a new value is typed. What is typed goes to the vault, and these fields stay empty.

    They have no column and no cache to read from: whoever asks for them gets nothing, in whatever
    way. They are refused in searches, so that nobody can ask whether a value begins with “a”.
    """

    _name = "interop.vault.secret.input"
    _description = "Secret: Input"

    value = fields.Char(
        string="New value",
        store=False,
        compute="_compute_value",
        inverse="_inverse_value",
        search="_search_value",
        copy=False,
        exportable=False,
        help="Type or paste a new value here. It is sealed at once and never shown again.",
    )
    value_certificate = fields.Text(
        string="Certificate",
        store=False,
        compute="_compute_value",
        inverse="_inverse_value",
        search="_search_value",
        copy=False,
        exportable=False,
        help="The certificate that the partner knows, and below it those that vouch for it, as "
        "PEM: texts that begin with -----BEGIN CERTIFICATE-----. Our own comes first.",
    )
    value_private_key = fields.Text(
        string="Private key",
        store=False,
        compute="_compute_value",
        inverse="_inverse_value",
        search="_search_value",
        copy=False,
        exportable=False,
        help="A text that begins with -----BEGIN … PRIVATE KEY-----. It is sealed at once and "
        "never shown again.",
    )
    value_passphrase = fields.Char(
        string="Passphrase",
        store=False,
        compute="_compute_value",
        inverse="_inverse_value",
        search="_search_value",
        copy=False,
        exportable=False,
        help="Only if the private key is protected by one. It opens the key now and is not kept.",
    )

    def _compute_value(self):
        for name in INPUTS:
            self[name] = False

    def _search_value(self, operator, value):
        """Refused without repeating what was looked for."""
        raise UserError(self.env._("Secrets cannot be searched by their value."))

    def _inverse_value(self):
        """Overridden by what takes the input."""
        raise NotImplementedError

    def _has_input(self) -> bool:
        return any(self[name] for name in INPUTS)

    def _entered(self, secret) -> Entered:
        """What was typed here, with what the secret shows beside its value."""
        kind = KINDS.get(secret.kind)
        bound = {name: secret[name] or "" for name in kind.bound}
        return Entered(
            value=self.value or "",
            certificate=self.value_certificate or "",
            private_key=self.value_private_key or "",
            passphrase=self.value_passphrase or "",
            **bound,
        )
