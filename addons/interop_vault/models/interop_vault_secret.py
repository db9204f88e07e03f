import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.interop_audit.lib.entry import AuditRow

from .. import sql_secret
from ..lib import references
from ..lib.all_kinds import KINDS
from ..lib.oauth2 import TOKEN_AUTHS
from .interop_vault_secret_input import INPUTS

SOURCES = [
    ("sealed", "Entered here, kept sealed"),
    ("environment", "Environment variable of the server"),
    ("file", "File mounted on the server"),
]
#: What the sealed value is bound to: nobody can have it used otherwise without entering it again.
BOUND = frozenset({"kind"}).union(*(kind.bound for _code, kind in KINDS))
#: Written by the vault itself. A new value has an entry of its own in the audit trail.
OWN_FACTS = frozenset(
    """value_set_at value_set_by_id subject issuer key_type fingerprint previous_valid_until
    use_count last_used_at previous_use_count warned_at uuid""".split()
)
REFERENCE = frozenset({"source", "reference"})
UNREMARKABLE = OWN_FACTS.union(INPUTS)


class InteropVaultSecret(models.Model):
    """A secret that connectors use and nobody reads. Its value is in no field, only sealed."""

    _name = "interop.vault.secret"
    _description = "Secret"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "interop.vault.secret.value",
        "interop.vault.secret.input",
        "interop.vault.secret.rotation",
        "interop.vault.secret.expiry",
        "interop.vault.secret.uses",
    ]
    _order = "name, id"

    name = fields.Char(
        required=True, help="What the secret is for. Do not write the secret itself here."
    )
    kind = fields.Selection(
        selection=lambda self: KINDS.selection(),
        required=True,
        default="bearer",
        help="How the partner expects it.",
    )
    source = fields.Selection(
        SOURCES,
        string="Where it is kept",
        required=True,
        default="sealed",
        help="Entered here: sealed in the database. Or only referred to, and read each time it is "
        "used, if your organisation keeps its secrets in a store that mounts them on the server.",
    )
    reference = fields.Char(
        string="Name there",
        help="The variable, which has to begin with INTEROP_SECRET_, or the file in the folder "
        "that the server's configuration names (secrets_dir). Never the secret itself.",
    )
    reference_form = fields.Char(
        string="What stands there",
        compute="_compute_reference_form",
        help="How the value has to be written in the variable or file.",
    )
    login = fields.Char(
        string="User name",
        help="Sealed together with the password: to change it, enter the password again.",
    )
    token_url = fields.Char(
        string="Token server",
        help="The address that grants access tokens, with https://. Sealed together with the "
        "client secret, which is sent there and nowhere else.",
    )
    client_id = fields.Char(string="Client ID", help="How the partner's token server knows us.")
    token_auth = fields.Selection(
        list(TOKEN_AUTHS.items()),
        string="Client secret is sent",
        default="basic",
        help="In the header unless the partner asks for the other.",
    )
    scope = fields.Char(
        help="What access is asked for: words with blanks between them, as the partner gave them."
    )
    audience = fields.Char(
        help="For which service the token is meant. Only if the partner asks for it."
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="The company whose connectors may use it. Empty: all companies.",
    )
    active = fields.Boolean(
        default=True, help="Archive a secret that is no longer used. Its history stays."
    )
    uuid = fields.Char(
        string="Secret ID",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
        help="The identity of the secret. Its sealed value is bound to it.",
    )
    note = fields.Text(help="Where the secret comes from and who to ask for a new one.")

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "The identity of a secret is unique.")

    def init(self):
        self.env.cr.execute(sql_secret.CREATE)

    @api.depends("kind")
    def _compute_reference_form(self) -> None:
        for secret in self:
            written_as = KINDS.get(secret.kind).written_as if secret.kind else ""
            secret.reference_form = written_as[:1].upper() + written_as[1:]

    @api.constrains("source", "reference")
    def _check_reference(self) -> None:
        for secret in self.filtered(lambda secret: secret.source != "sealed"):
            problem = references.name_problem(secret.source, secret.reference or "")
            if problem:
                raise ValidationError(problem)

    # -- evidence of changes -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_own_facts(vals)
        secrets = super().create(vals_list)
        self.env["interop.audit"]._record_many(
            [secret._audit_row("secret.create", kind=secret.kind) for secret in secrets]
        )
        return secrets

    def write(self, vals):
        if not self:
            return True
        self._check_own_facts(vals)
        self._check_bound(vals)
        referring = self.filtered(
            lambda secret: any(secret[name] != vals[name] for name in vals.keys() & REFERENCE)
        )
        ending = self.filtered("expires_on") if "expires_on" in vals else self.browse()
        before = {secret: secret.expires_on for secret in ending}
        result = super().write(vals)
        if changed := sorted(set(vals) - UNREMARKABLE):
            self.env["interop.audit"]._record_many(
                [secret._audit_row("secret.configure", fields=changed) for secret in self]
            )
        referring._note_reference()
        if vals.keys() & {"scope", "audience"}:
            self.env["interop.vault.access.token"]._drop(self)
        ending.filtered(lambda secret: secret.expires_on != before[secret])._forget_warnings()
        return result

    def unlink(self):
        rows = [secret._audit_row("secret.delete", name=secret.name) for secret in self]
        result = super().unlink()
        self.env["interop.audit"]._record_many(rows)
        return result

    def _note_reference(self) -> None:
        """The secret is kept elsewhere from now on: what was sealed here is deleted."""
        for secret in self:
            if secret.source != "sealed":
                secret._forget_value()
        self.env["interop.vault.access.token"]._drop(self)
        self.env["interop.audit"]._record_many(
            [
                secret._audit_row(
                    "secret.reference", source=secret.source, name=secret.reference or ""
                )
                for secret in self
            ]
        )

    @api.model
    def _check_own_facts(self, vals) -> None:
        if not self.env.su and not OWN_FACTS.isdisjoint(vals):
            raise AccessError(
                self.env._("Uses, dates and fingerprints of a secret are noted by the vault alone.")
            )

    def _check_bound(self, vals) -> None:
        """A sealed value is not used otherwise than it was entered for."""
        bound = BOUND & vals.keys()
        if not bound or any(vals.get(name) for name in INPUTS):
            return
        for secret in self:
            changed = any((secret[name] or False) != (vals[name] or False) for name in bound)
            if changed and secret.source == "sealed" and secret.has_value:
                raise ValidationError(
                    self.env._(
                        "The value of “%s” was entered for what stands here now. To change that, "
                        "enter the value again in the same step.",
                        secret.name,
                    )
                )

    def _audit_row(self, act: str, **details) -> AuditRow:
        secret = self.sudo()
        return AuditRow(
            act=act,
            res_model=self._name,
            res_id=self.id,
            subject=secret.uuid,
            company_id=secret.company_id.id or None,
            details=details or None,
        )
