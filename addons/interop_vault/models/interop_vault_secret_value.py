import os
from datetime import UTC, datetime
from functools import partial

from psycopg2 import Binary

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import sql_secret
from ..lib import references
from ..lib.all_kinds import KINDS
from ..lib.kinds import Facts, SecretProblem
from ..lib.sealing import Place, Sealed, VaultError, seal, unseal
from ..lib.secret_places import value_place


class InteropVaultSecretValue(models.AbstractModel):
    """The value of a secret: sealed and opened here, and nowhere else."""

    _name = "interop.vault.secret.value"
    _description = "Secret: Value"

    value_set_at = fields.Datetime(
        string="Value entered",
        readonly=True,
        copy=False,
        help="When the present value was entered.",
    )
    value_set_by_id = fields.Many2one(
        "res.users",
        string="Entered by",
        readonly=True,
        copy=False,
        help="Who entered the present value.",
    )
    has_value = fields.Boolean(
        string="Has a value",
        compute="_compute_has_value",
        help="Whether a value has been entered, or can be read from where the secret refers to.",
    )
    source_problem = fields.Char(
        string="Why it cannot be read",
        compute="_compute_has_value",
        help="What to do so that the server can read the secret from where it refers to.",
    )
    subject = fields.Char(
        readonly=True,
        copy=False,
        help="Whom the certificate names: this is who we are to partners.",
    )
    issuer = fields.Char(readonly=True, copy=False, help="Who vouches for the certificate.")
    key_type = fields.Char(
        string="Kind of key", readonly=True, copy=False, help="What kind of key it is."
    )
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Compare it with what the partner has: SHA-256 of the certificate or of the public "
        "key. It tells nothing about the private key.",
    )

    @api.depends("source", "reference")
    def _compute_has_value(self):
        self.flush_model()
        self.env.cr.execute(sql_secret.HAS, [self._origin.ids])
        known = {row[0] for row in self.env.cr.fetchall()}
        for secret in self:
            secret.source_problem = False
            if secret.source == "sealed":
                secret.has_value = secret._origin.id in known
                continue
            try:
                secret._read_reference()
            except references.SecretUnavailable as problem:
                secret.source_problem = problem.sentence
            secret.has_value = not secret.source_problem

    # -- sealing -------------------------------------------------------------------------------

    def _inverse_value(self):
        for secret in self:
            if secret._has_input():
                if secret.source != "sealed":
                    raise ValidationError(
                        self.env._(
                            "The value of “%s” stands outside Odoo: change it there, or choose "
                            "that it is entered here.",
                            secret.name,
                        )
                    )
                secret._store_value(secret._compose(secret))
        self.invalidate_recordset()

    def _compose(self, typed) -> str:
        """The text to seal, checked; ``typed`` has the fields of interop.vault.secret.input."""
        kind = KINDS.get(self.kind)
        problem = ""
        try:
            text = kind.compose(typed._entered(self))
            kind.check(text, datetime.now(UTC))
            return text
        except SecretProblem as error:
            problem = str(error)
        # Outside the handler: no exception that has seen a value travels along.
        raise ValidationError(problem)

    def _place(self, generation: int) -> Place:
        instance = self.env["interop.instance"]._get_uuid()
        return value_place(instance, self.uuid, generation)

    def _seal(self, text: str) -> tuple[int, list]:
        """A new generation and its columns: key, wrapped key, bytes, digest and size."""
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(sql_secret.NEXT_GENERATION, [self.id])
        [generation] = self.env.cr.fetchone()
        keyrings = self.env["interop.keyring"]
        keyring = keyrings._get()
        sealed = seal(keyring, self._place(generation), text.encode())
        # When it is stored: a version that was retired meanwhile would leave it unreadable.
        self.env.cr.precommit.add(partial(keyrings._require_kept, keyring))
        return generation, [
            sealed.key_id,
            Binary(sealed.wrapped_key),
            Binary(sealed.sealed),
            sealed.digest,
            sealed.size,
        ]

    def _unseal(self, row) -> str:
        generation, key_id, wrapped, sealed, digest, size = row
        content = Sealed(key_id, bytes(wrapped), bytes(sealed), digest, size)
        keyring = self.env["interop.keyring"]._get()
        return unseal(keyring, self._place(generation), content).decode()

    def _store_value(self, text: str) -> None:
        """Seal a new value; it replaces the one before at once, and an overlap ends."""
        generation, columns = self._seal(text)
        self.env.cr.execute(sql_secret.STORE, [generation, *columns, self.id])
        self._forget_previous()
        self._set_facts(text)
        self.env["interop.audit"]._record_many(
            [self._audit_row("secret.change", generation=generation)]
        )

    def _set_facts(self, text: str) -> None:
        """What may be shown of a new value. Tokens granted for the one before are dropped."""
        facts: Facts = KINDS.get(self.kind).check(text, datetime.now(UTC))
        vals = {
            "value_set_at": fields.Datetime.now(),
            "value_set_by_id": self.env.uid,
            "subject": facts.subject,
            "issuer": facts.issuer,
            "key_type": facts.key_type,
            "fingerprint": facts.fingerprint,
        }
        if facts.expires_on:
            vals["expires_on"] = facts.expires_on
        self.sudo().write(vals)
        self.env["interop.vault.access.token"]._drop(self)
        self.invalidate_recordset()

    def _forget_value(self) -> None:
        """The sealed value is deleted, because the secret refers to one outside from now on."""
        self.flush_model()
        self.env.cr.execute(sql_secret.FORGET, [self.ids])
        self._forget_previous()
        self.env["interop.vault.access.token"]._drop(self)
        self.sudo().write(
            dict.fromkeys(("value_set_at", "value_set_by_id", "subject", "issuer"), False)
            | dict.fromkeys(("key_type", "fingerprint"), False)
        )

    # -- opening -------------------------------------------------------------------------------

    def _read_reference(self) -> str:
        """The text that the secret refers to; raises SecretUnavailable."""
        folder = self.env["interop.fence"]._server_settings().secrets_dir
        return references.read(self.source, self.reference or "", os.environ, folder)

    def _reveal(self, purpose: str) -> str:
        """The clear value, for use at once. Counted, and audited once per process and hour.

        ``purpose`` says what it is used for ("send", "verify", "probe"). Raises VaultError when
        no value was entered, KeyringError when the keyring does not fit, SecretUnavailable when
        what the secret refers to cannot be read or is no such secret.
        """
        self.ensure_one()
        self.flush_recordset()
        secret = self.sudo()
        if secret.source == "sealed":
            self.env.cr.execute(sql_secret.OPEN, [self.id])
            row = self.env.cr.fetchone()
            if row is None:
                raise VaultError(
                    self.env._("The secret %s has no value yet. Enter one.", secret.name),
                    reason="missing",
                )
            value = secret._unseal(row)
        else:
            value = secret._checked_reference()
        self._count_use(purpose)
        return value

    def _checked_reference(self) -> str:
        kind = KINDS.get(self.kind)
        text = self._read_reference()
        problem = ""
        try:
            kind.check(text, datetime.now(UTC))
            return text
        except SecretProblem as error:
            problem = str(error)
        raise references.SecretUnavailable(
            self.env._(
                "What the secret %(name)s refers to cannot be used: %(why)s It has to be "
                "%(written)s.",
                name=self.name,
                why=problem,
                written=kind.written_as,
            )
        )
