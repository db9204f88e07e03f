import logging
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta

import psycopg2
from psycopg2 import Binary

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_audit.lib.entry import AuditRow

from .. import sql
from ..lib.sealing import Place, Sealed, VaultError, seal, unseal

_logger = logging.getLogger(__name__)

SECRET_KINDS = [
    ("bearer", "Bearer token"),
    ("hmac", "Signing key (HMAC)"),
    ("basic", "User name and password"),
    ("api_key", "API key"),
]
EXPIRES_SOON_DAYS = 30
COUNT_EVERY = 60.0
AUDIT_EVERY = 3600.0
#: A new value has an entry of its own; the times that go with it need none.
UNREMARKABLE = frozenset({"value", "value_set_at"})


@dataclass(slots=True)
class _Uses:
    """Uses of one secret in this process that are not written down yet."""

    pending: int = 0
    counted_at: float = float("-inf")
    audited_at: float = float("-inf")


_uses: dict[tuple[str, int], _Uses] = {}
_uses_lock = threading.Lock()


class InteropVaultSecret(models.Model):
    """A secret that connectors use and nobody reads. Its value is in no field, only sealed."""

    _name = "interop.vault.secret"
    _description = "Secret"
    _order = "name, id"

    name = fields.Char(
        required=True, help="What the secret is for. Do not write the secret itself here."
    )
    kind = fields.Selection(
        SECRET_KINDS,
        required=True,
        default="bearer",
        help="How the partner expects it. A user name and password are entered as user:password.",
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
    value = fields.Char(
        string="New value",
        store=False,
        compute="_compute_value",
        inverse="_inverse_value",
        copy=False,
        exportable=False,
        help="Type or paste a new value here. It is sealed at once and never shown again.",
    )
    has_value = fields.Boolean(
        string="Has a value", compute="_compute_has_value", help="Whether a value has been entered."
    )
    value_set_at = fields.Datetime(
        string="Value entered",
        readonly=True,
        copy=False,
        help="When the present value was entered.",
    )
    expires_on = fields.Date(
        string="Ends on", help="The last day on which the partner accepts this secret."
    )
    expiry = fields.Selection(
        [("none", "No end"), ("valid", "Valid"), ("soon", "Ends soon"), ("expired", "Expired")],
        string="Validity",
        compute="_compute_expiry",
        help="Whether the secret has to be replaced.",
    )
    use_count = fields.Integer(
        string="Uses",
        readonly=True,
        copy=False,
        default=0,
        help="How often the secret was used. Written down about once a minute.",
    )
    last_used_at = fields.Datetime(
        string="Last use", readonly=True, copy=False, help="When the secret was used last."
    )
    note = fields.Text(help="Where the secret comes from and who to ask for a new one.")

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "The identity of a secret is unique.")

    def init(self):
        self.env.cr.execute(sql.SECRET_COLUMNS)

    def _compute_value(self):
        self.value = False

    def _inverse_value(self):
        for secret in self:
            if secret.value:
                secret._store_value(secret.value)
        self.invalidate_recordset(["value", "has_value"])

    def _compute_has_value(self):
        self.flush_model()
        self.env.cr.execute(sql.SECRET_HAS, [self._origin.ids])
        known = {row[0] for row in self.env.cr.fetchall()}
        for secret in self:
            secret.has_value = secret._origin.id in known

    @api.depends("expires_on")
    def _compute_expiry(self):
        today = fields.Date.context_today(self)
        for secret in self:
            if not secret.expires_on:
                secret.expiry = "none"
            elif secret.expires_on < today:
                secret.expiry = "expired"
            elif secret.expires_on <= today + timedelta(days=EXPIRES_SOON_DAYS):
                secret.expiry = "soon"
            else:
                secret.expiry = "valid"

    # -- evidence of changes -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        secrets = super().create(vals_list)
        self.env["interop.audit"]._record_many(
            [secret._audit_row("secret.create", kind=secret.kind) for secret in secrets]
        )
        return secrets

    def write(self, vals):
        result = super().write(vals)
        if changed := sorted(set(vals) - UNREMARKABLE):
            self.env["interop.audit"]._record_many(
                [secret._audit_row("secret.configure", fields=changed) for secret in self]
            )
        return result

    def unlink(self):
        rows = [secret._audit_row("secret.delete", name=secret.name) for secret in self]
        result = super().unlink()
        self.env["interop.audit"]._record_many(rows)
        return result

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

    # -- value ---------------------------------------------------------------------------------

    def _place(self, generation: int) -> Place:
        instance = self.env["interop.instance"]._get_uuid()
        return Place(instance, self.uuid, "secret", generation)

    def _store_value(self, value: str) -> None:
        """Seal a new value; it replaces the one before."""
        self.ensure_one()
        if value != value.strip():
            raise ValidationError(
                self.env._("The value begins or ends with a space. Paste it again without it.")
            )
        self.flush_recordset()
        self.env.cr.execute(sql.SECRET_GENERATION, [self.id])
        generation = self.env.cr.fetchone()[0] + 1
        keyring = self.env["interop.keyring"]._get()
        sealed = seal(keyring, self._place(generation), value.encode())
        self.env.cr.execute(
            sql.SECRET_STORE,
            [
                generation,
                sealed.key_id,
                Binary(sealed.wrapped_key),
                Binary(sealed.sealed),
                sealed.digest,
                sealed.size,
                self.id,
            ],
        )
        self.value_set_at = fields.Datetime.now()
        self.env["interop.audit"]._record_many(
            [self._audit_row("secret.change", generation=generation)]
        )

    def _reveal(self, purpose: str) -> str:
        """The clear value, for use at once. Counted, and audited once per process and hour.

        ``purpose`` says what it is used for ("send", "verify", "probe"). Raises VaultError when
        no value was entered, KeyringError when the keyring does not fit.
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(sql.SECRET_OPEN, [self.id])
        row = self.env.cr.fetchone()
        if row is None:
            raise VaultError(
                self.env._("The secret %s has no value yet. Enter one.", self.sudo().name),
                reason="missing",
            )
        generation, key_id, wrapped, sealed, digest, size = row
        content = Sealed(key_id, bytes(wrapped), bytes(sealed), digest, size)
        value = unseal(self.env["interop.keyring"]._get(), self._place(generation), content)
        self._count_use(purpose)
        return value.decode()

    def _count_use(self, purpose: str) -> None:
        """Write uses down now and then, on a cursor of its own so that no caller waits for it."""
        now = time.monotonic()
        with _uses_lock:
            uses = _uses.setdefault((self.env.cr.dbname, self.id), _Uses())
            uses.pending += 1
            if now - uses.counted_at < COUNT_EVERY:
                return
            pending, uses.pending, uses.counted_at = uses.pending, 0, now
            audit = now - uses.audited_at >= AUDIT_EVERY
        counted = False
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(sql.SECRET_COUNT, [pending, self.id], log_exceptions=False)
                counted = bool(cr.rowcount)
                if counted and audit:
                    row = self._audit_row("secret.use", purpose=purpose)
                    self.env(cr=cr)["interop.audit"]._record_many([row])
        except psycopg2.Error as error:  # also when all connections are taken
            _logger.info("a use of secret %s is counted later: %s", self.id, error)
            counted = False
        with _uses_lock:
            if not counted:
                uses.pending += pending
            elif audit:
                uses.audited_at = now
