from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.authorities import authorities_problem
from ..lib.endpoints import AUTH_KINDS, CERTIFICATE_KIND, SIGNING_KIND


class InteropConnectorSecrets(models.AbstractModel):
    """Which secrets a connector uses, and for what. Their values are the vault's matter."""

    _name = "interop.connector.secrets"
    _description = "Connector: Secrets"

    auth_secret_id = fields.Many2one(
        "interop.vault.secret",
        string="Our credentials",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('kind', 'in', ('bearer', 'basic', 'api_key', 'oauth2'))]",
        help="How we show the partner who we are: a token, user and password, an API key, or the "
        "client credentials with which we get tokens.",
    )
    auth_header = fields.Char(
        string="API key header",
        default="X-API-Key",
        help="The header in which the partner expects the API key.",
    )
    auth_kind = fields.Selection(
        related="auth_secret_id.kind", string="Kind of credentials", help="What the secret is."
    )
    signing_secret_id = fields.Many2one(
        "interop.vault.secret",
        string="Our signing key",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('kind', '=', 'hmac')]",
        help="Signs what we send (Standard Webhooks), so the partner can tell it is from us and "
        "unchanged. Written as whsec_ and base64.",
    )
    certificate_secret_id = fields.Many2one(
        "interop.vault.secret",
        string="Our certificate",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('kind', '=', 'mtls')]",
        help="The certificate that we show when the connection is made (mutual TLS), for partners "
        "who let in only those they know. Beside it, credentials may be needed as well.",
    )
    authorities = fields.Text(
        string="Partner's authorities",
        help="Certificates (PEM) of those who may vouch for this partner, for one whose own "
        "authority nobody else knows. Then only these are trusted. Empty: those that are trusted "
        "in general.",
    )
    inbound_secret_id = fields.Many2one(
        "interop.vault.secret",
        string="Partner's signing key",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('kind', '=', 'hmac')]",
        help="The key with which the partner signs what it sends us. Without one, nothing is "
        "taken in. Written as whsec_ and base64.",
    )
    inbound_old_secret_id = fields.Many2one(
        "interop.vault.secret",
        string="Partner's previous key",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('kind', '=', 'hmac')]",
        help="If the partner's previous key is a secret of its own: accepted as well. Take it away "
        "when the change is done, or let the secret expire. Rotating the partner's signing key in "
        "the vault does the same without this.",
    )

    @api.constrains(
        "auth_secret_id",
        "signing_secret_id",
        "certificate_secret_id",
        "inbound_secret_id",
        "inbound_old_secret_id",
    )
    def _check_secret_kinds(self) -> None:
        """A private key must never be sent as a token, whoever chose it there."""
        for connector in self.sudo():
            for names, kinds in (
                (["auth_secret_id"], AUTH_KINDS),
                (["certificate_secret_id"], {CERTIFICATE_KIND}),
                (
                    ["signing_secret_id", "inbound_secret_id", "inbound_old_secret_id"],
                    {SIGNING_KIND},
                ),
            ):
                for name in names:
                    secret = connector[name]
                    if secret and secret.kind not in kinds:
                        raise ValidationError(
                            self.env._(
                                "The secret “%s” is of a kind that is not for this.", secret.name
                            )
                        )

    @api.constrains("authorities")
    def _check_authorities(self) -> None:
        for connector in self:
            if problem := authorities_problem(connector.authorities or ""):
                raise ValidationError(problem)

    def _secrets(self):
        return (
            self.auth_secret_id
            | self.signing_secret_id
            | self.certificate_secret_id
            | self.inbound_secret_id
            | self.inbound_old_secret_id
        )
