"""The secrets that a connector's published facts name, opened for the moment of their use."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import InternalError, InteropError
from odoo.addons.interop_vault.lib.kinds import SecretProblem
from odoo.addons.interop_vault.lib.oauth2 import ClientCredentials

from .lib.tokens import (
    GRANTS,
    LEASE_MARGIN,
    Grant,
    Lease,
    PreviousCredentials,
    TokenCredentials,
    TokenOrder,
)
from .lib.transport import Credentials, TransportError

T = TypeVar("T")
_logger = logging.getLogger(__name__)

#: (database, secret) -> who in this process may look after the token just now.
_locks: dict[tuple[str, int], threading.Lock] = {}
_locks_lock = threading.Lock()


def _lock(dbname: str, secret_id: int) -> threading.Lock:
    with _locks_lock:
        return _locks.setdefault((dbname, secret_id), threading.Lock())


class TokenShelf:
    """The database's side of `lib.tokens`, for threads that have no environment of their own."""

    def __init__(self, registry: Registry, secret_id: int, environment: str) -> None:
        self._registry = registry
        self._secret_id = secret_id
        self._environment = environment

    def held(self) -> Any:
        return self._shortly(lambda secret, tokens: tokens._held(secret))

    def lease(self, generation: int, seconds: float) -> Lease | None:
        def action(secret: Any, tokens: Any) -> Lease | None:
            # A copy of the database asks nobody for a token.
            secret.env["interop.fence"]._require_open(self._environment)
            code = tokens._lease(secret, generation, seconds + LEASE_MARGIN)
            return code and Lease(code, self._orders(secret, seconds))

        return self._shortly(action)

    def store(self, lease: Lease, generation: int, grant: Grant) -> bool:
        def action(secret: Any, tokens: Any) -> bool:
            return tokens._store(secret, lease.code, generation, grant.token, grant.lifetime)

        return self._shortly(action)

    def release(self, lease: Lease) -> None:
        self._shortly(lambda secret, tokens: tokens._release(secret, lease.code))

    def drop(self, generation: int) -> None:
        self._shortly(lambda secret, tokens: tokens._refused(secret, generation))

    def previous_used(self, purpose: str = "token") -> None:
        self._shortly(lambda secret, tokens: secret._count_previous_use(purpose))

    def _orders(self, secret: Any, seconds: float) -> Sequence[TokenOrder]:
        orders = []
        for text in secret._reveal_valid("token"):
            try:
                client = ClientCredentials.from_text(text)
            except SecretProblem:
                continue
            orders.append(
                TokenOrder(
                    client.token_url,
                    client.client_id,
                    client.client_secret,
                    client.token_auth,
                    secret.scope or "",
                    secret.audience or "",
                    self._environment,
                    seconds,
                )
            )
        return orders

    def _shortly(self, action: Callable[[Any, Any], T]) -> T:
        """One short transaction. The database being away is a passing fault of the exchange."""
        try:
            with self._registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
                secret = env["interop.vault.secret"].browse(self._secret_id)
                return action(secret, env["interop.vault.access.token"])
        except psycopg2.Error as error:
            _logger.info("an access token is looked up later: %s", error)
        raise TransportError(
            "The access token could not be looked up: the database was not available just then.",
            kind="transient",
        )


class PublishedSecrets:
    """The `Vault` of `lib.endpoints`, for as long as the transaction of ``env`` lasts."""

    def __init__(self, env: api.Environment) -> None:
        self.env = env

    def reveal(self, uuid: str, kind: str) -> Sequence[str]:
        """All values that are valid now, the present one first. Counted as one use."""
        return self._find(uuid, kind)._reveal_valid("send")

    def credentials(self, uuid: str, kind: str, environment: str) -> Credentials | None:
        """What shows access tokens, or either of two values; None if there is but one value."""
        secret = self._find(uuid, kind)
        shelf = TokenShelf(self.env.registry, secret.id, environment)
        if kind in GRANTS:
            if not secret.has_value:
                secret._reveal("send")  # which says what is missing
            lock = _lock(self.env.cr.dbname, secret.id)
            return TokenCredentials(shelf, GRANTS.get(kind), lock)
        if kind == "oauth2":
            raise InternalError(
                self.env._("Access tokens need the module Interop HTTP, which is not installed.")
            )
        previous = secret._reveal_previous()
        if previous is None:
            return None
        return PreviousCredentials(
            secret._reveal("send"), previous, lambda: _note(lambda: shelf.previous_used("send"))
        )

    def _find(self, uuid: str, kind: str) -> Any:
        secret = self.env["interop.vault.secret"].sudo().with_context(active_test=False)
        secret = secret.search([("uuid", "=", uuid)], limit=1)
        if not secret:
            raise InternalError(
                self.env._(
                    "A secret of the connector no longer exists. Choose another one and publish "
                    "the flow again."
                )
            )
        if secret.kind != kind:
            raise InternalError(
                self.env._(
                    "The secret %s is of another kind than when the flow was published, and was "
                    "not used. Publish the flow again.",
                    secret.name,
                )
            )
        return secret


def _note(action: Callable[[], None]) -> None:
    """A use that cannot be noted just now does not stop the exchange."""
    try:
        action()
    except InteropError:
        return
