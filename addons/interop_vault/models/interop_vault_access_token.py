import uuid
from dataclasses import dataclass, field

import psycopg2
from psycopg2 import Binary, errorcodes

from odoo import api, models

from .. import sql_secret
from ..lib.sealing import Place, Sealed, seal, unseal
from ..lib.secret_places import token_place

#: A token is replaced ahead of its end: a fifth of its life, and so many seconds at most.
AHEAD_SHARE, AHEAD_MOST = 0.2, 300.0
#: A token this young that a partner refuses is not dropped: the next one would be refused as well.
FRESH_SECONDS = 10.0
#: Asked for one at once, the other is not written down: the caller looks again.
_LATER = frozenset(
    {errorcodes.SERIALIZATION_FAILURE, errorcodes.LOCK_NOT_AVAILABLE, errorcodes.DEADLOCK_DETECTED}
)


@dataclass(frozen=True, slots=True)
class HeldToken:
    """An access token. Seconds are counted from when it was read, by the database's clock."""

    value: str = field(repr=False)
    generation: int
    refresh_in: float
    expires_in: float


class InteropVaultAccessToken(models.AbstractModel):
    """Keeps access tokens sealed beside the secret they were granted for, for all processes.

    Who may ask for the next one holds a lease: one process at a time, and nobody for longer than
    the lease lasts. All methods are short; the request itself runs between two of them.
    """

    _name = "interop.vault.access.token"
    _description = "Access Tokens"

    @api.model
    def _place(self, secret, generation: int) -> Place:
        instance = self.env["interop.instance"]._get_uuid()
        return token_place(instance, secret.uuid, generation)

    @api.model
    def _held(self, secret) -> HeldToken | None:
        """The token that was granted for ``secret``, unless it has expired."""
        self.env.cr.execute(sql_secret.TOKEN_OPEN, [secret.id])
        row = self.env.cr.fetchone()
        if row is None:
            return None
        generation, key_id, wrapped, sealed, digest, size, _age, refresh_in, expires_in = row
        value = unseal(
            self.env["interop.keyring"]._get(),
            self._place(secret, generation),
            Sealed(key_id, bytes(wrapped), bytes(sealed), digest, size),
        )
        return HeldToken(value.decode(), generation, refresh_in, expires_in)

    @api.model
    def _lease(self, secret, generation: int, seconds: float) -> str | None:
        """The right to ask for a token for so long; None if another process has it.

        ``generation`` is that of the token which the caller wants to replace, 0 for none: if it
        was replaced already, nobody needs to ask.
        """
        lease = str(uuid.uuid4())
        try:
            self.env.cr.execute(
                sql_secret.TOKEN_LEASE,
                {
                    "secret": secret.id,
                    "lease": lease,
                    "seconds": seconds,
                    "generation": generation,
                },
                log_exceptions=False,
            )
        except psycopg2.Error as error:
            if error.pgcode not in _LATER:
                raise
            self.env.cr.rollback()
            return None
        return lease if self.env.cr.fetchone() else None

    @api.model
    def _store(self, secret, lease: str, generation: int, value: str, lifetime: float) -> bool:
        """Keep a new token for ``lifetime`` seconds. False: the lease had ended meanwhile."""
        keyring = self.env["interop.keyring"]._get()
        sealed = seal(keyring, self._place(secret, generation), value.encode())
        self.env.cr.execute(
            sql_secret.TOKEN_STORE,
            {
                "secret": secret.id,
                "lease": lease,
                "generation": generation,
                "key_id": sealed.key_id,
                "wrapped_key": Binary(sealed.wrapped_key),
                "sealed": Binary(sealed.sealed),
                "digest": sealed.digest,
                "size": sealed.size,
                "lifetime": lifetime,
                "refresh": lifetime - min(lifetime * AHEAD_SHARE, AHEAD_MOST),
            },
        )
        if not self.env.cr.rowcount:
            return False
        self.env["interop.keyring"]._require_kept(keyring)
        self.env["interop.audit"]._record_many(
            [secret._audit_row("secret.token", seconds=round(lifetime))]
        )
        return True

    @api.model
    def _release(self, secret, lease: str) -> None:
        self.env.cr.execute(sql_secret.TOKEN_RELEASE, [secret.id, lease])

    @api.model
    def _refused(self, secret, generation: int) -> bool:
        """A partner refused this token. Says whether it was dropped: once, and not while fresh."""
        self.env.cr.execute(sql_secret.TOKEN_REFUSED, [secret.id, generation, FRESH_SECONDS])
        return bool(self.env.cr.rowcount)

    @api.model
    def _drop(self, secrets) -> None:
        """Forget what was granted for these: they changed."""
        self.env.cr.execute(sql_secret.TOKEN_DROP, [secrets.ids])
