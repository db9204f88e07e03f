import logging
import threading
import time
from dataclasses import dataclass

import psycopg2

from odoo import fields, models

from .. import sql_secret

_logger = logging.getLogger(__name__)

COUNT_EVERY = 60.0
AUDIT_EVERY = 3600.0


@dataclass(slots=True)
class _Uses:
    """Uses of one secret in this process that are not written down yet."""

    pending: int = 0
    counted_at: float = float("-inf")
    audited_at: float = float("-inf")


_uses: dict[tuple[str, int, str], _Uses] = {}
_uses_lock = threading.Lock()


class InteropVaultSecretUses(models.AbstractModel):
    """Counts the uses of a secret, and apart from them those of the value before it."""

    _name = "interop.vault.secret.uses"
    _description = "Secret: Uses"

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
    previous_use_count = fields.Integer(
        string="Uses of the value before",
        readonly=True,
        copy=False,
        default=0,
        help="How often a partner refused the present value and took the one before it. If this "
        "grows, the partner does not know the new value yet. Written down about once a minute.",
    )

    def _count_use(self, purpose: str) -> None:
        self._count(purpose, "secret.use", sql_secret.COUNT)

    def _count_previous_use(self, purpose: str) -> None:
        """The present value was refused, the one before it is tried."""
        self._count(purpose, "secret.fallback", sql_secret.COUNT_PREVIOUS)

    def _count(self, purpose: str, act: str, statement: str) -> None:
        """Write uses down now and then, on a cursor of its own so that no caller waits for it."""
        now = time.monotonic()
        with _uses_lock:
            uses = _uses.setdefault((self.env.cr.dbname, self.id, act), _Uses())
            uses.pending += 1
            if now - uses.counted_at < COUNT_EVERY:
                return
            pending, uses.pending, uses.counted_at = uses.pending, 0, now
            audit = now - uses.audited_at >= AUDIT_EVERY
        counted = False
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(statement, [pending, self.id], log_exceptions=False)
                counted = bool(cr.rowcount)
                if counted and audit:
                    row = self._audit_row(act, purpose=purpose)
                    self.env(cr=cr)["interop.audit"]._record_many([row])
        except psycopg2.Error as error:  # also when all connections are taken
            _logger.info("a use of secret %s is counted later: %s", self.id, error)
            counted = False
        with _uses_lock:
            if not counted:
                uses.pending += pending
            elif audit:
                uses.audited_at = now
