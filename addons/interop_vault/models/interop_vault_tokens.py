import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from psycopg2 import Binary

from odoo import api, models

from odoo.addons.interop_audit.lib.entry import AuditRow

from .. import sql
from ..lib.blind import blind
from ..lib.refs import Keepsake
from ..lib.sealing import Place, Sealed, seal, unseal

_KIND = "token"
#: A token that nobody sent or returned for so long is not coming back.
KEPT_DAYS = 730
EXPIRED_AT_ONCE = 5000


class InteropVaultTokens(models.AbstractModel):
    """Keeps the values that left as tokens and are to come back, sealed, by scope and token.

    A scope is one partner and one purpose; a token means nothing in another scope.
    """

    _name = "interop.vault.tokens"
    _description = "Token Vault"

    def init(self):
        self.env.cr.execute(sql.TOKEN_CREATE)

    @api.model
    def _keep(self, keepsakes: Iterable[Keepsake]) -> set[tuple[str, str]]:
        """Keep all that are not kept yet, in two statements whatever their number.

        Returns the (scope, token) of those that cannot be kept because the token stands for another
        value already (only short tokens of digits can meet so): they must not leave. Raises
        KeyringError without a usable key.
        """
        wanted = {(each.scope, each.token): each for each in keepsakes}
        if not wanted:
            return set()
        keyring = self.env["interop.keyring"]._get()
        persons = {place: blind(keyring, each.clear) for place, each in wanted.items()}
        scopes, tokens = zip(*wanted, strict=True)
        self.env.cr.execute(sql.TOKEN_KNOWN, [list(scopes), list(tokens)])
        known = {(scope, token): person for scope, token, person in self.env.cr.fetchall()}
        rows = []
        instance = self.env["interop.instance"]._get_uuid()
        for place, each in wanted.items():
            if place in known:
                continue
            uuid = str(uuid4())
            clear = json.dumps(each.clear).encode()
            sealed = seal(keyring, Place(instance, uuid, _KIND, 1), clear)
            rows.append(
                (
                    uuid,
                    *place,
                    persons[place],
                    each.company_id,
                    sealed.key_id,
                    Binary(sealed.wrapped_key),
                    Binary(sealed.sealed),
                    sealed.digest,
                    sealed.size,
                )
            )
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.env.cr.execute(sql.TOKEN_KEEP, columns)
            self.env["interop.keyring"]._require_kept(keyring)
        return {place for place, person in known.items() if persons[place] != person}

    @api.model
    def _resolve(self, scope: str, tokens: Sequence[str]) -> dict[str, Any]:
        """The value of each token that is known in the scope; others are left out."""
        if not tokens:
            return {}
        self.env.cr.execute(sql.TOKEN_RESOLVE, [scope, list(tokens)])
        rows = self.env.cr.fetchall()
        if not rows:
            return {}
        keyring = self.env["interop.keyring"]._get()
        instance = self.env["interop.instance"]._get_uuid()
        found = {}
        for uuid, token, key_id, wrapped, sealed, digest, size in rows:
            content = Sealed(key_id, bytes(wrapped), bytes(sealed), digest, size)
            found[token] = json.loads(unseal(keyring, Place(instance, uuid, _KIND, 1), content))
        return found

    @api.model
    def _about(
        self,
        values: Iterable[object] = (),
        *,
        digests: Iterable[str] = (),
        companies: list[int] | None = None,
    ) -> dict[str, Any]:
        """How many tokens stand for one of the values, the oldest and the last use of one.

        `digests` may stand for the values. `companies`: of these and of none, instead of all.
        """
        persons = [*digests, *self._persons(values)]
        self.env.cr.execute(sql.TOKEN_COUNT, {"persons": persons, "companies": companies})
        count, oldest, used = self.env.cr.fetchone()
        return {"count": count, "oldest": oldest, "last_use": used}

    @api.model
    def _forget(
        self,
        values: Iterable[object] = (),
        reason: str = "",
        *,
        digests: Iterable[str] = (),
        companies: list[int] | None = None,
    ) -> int:
        """Delete the tokens of these values: what a partner returns can no longer be read."""
        persons = [*digests, *self._persons(values)]
        self.env.cr.execute(sql.TOKEN_FORGET, {"persons": persons, "companies": companies})
        forgotten = [uuid for (uuid,) in self.env.cr.fetchall()]
        if forgotten:
            details = {"tokens": len(forgotten), "reason": reason}
            self.env["interop.audit"]._record_many([AuditRow(act="token.forget", details=details)])
        return len(forgotten)

    def _persons(self, values: Iterable[object]) -> list[str]:
        keyring = self.env["interop.keyring"]._get()
        return [blind(keyring, value) for value in values if str(value or "").strip()]

    @api.autovacuum
    def _gc_tokens(self) -> tuple[int, int]:
        """Let go of what is not coming back; how many, and how many there may be left."""
        self.env.cr.execute(sql.TOKEN_EXPIRE, [KEPT_DAYS, EXPIRED_AT_ONCE])
        count = self.env.cr.rowcount
        if count:
            row = AuditRow(act="token.expire", details={"tokens": count, "unused_days": KEPT_DAYS})
            self.env["interop.audit"]._record_many([row])
        return count, EXPIRED_AT_ONCE if count == EXPIRED_AT_ONCE else 0
