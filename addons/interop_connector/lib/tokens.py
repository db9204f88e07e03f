"""Access tokens at work: who asks for one, who waits, and what a refusal means.

Tokens are kept sealed in the database, for all processes. Whoever finds that one is needed takes a
lease there and asks the token server; everybody else goes on with the old token while it is valid,
or waits. Nothing here holds a transaction while a request is under way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_base.lib.registry import Registry

from .transport import TransportError

#: A token that ends while the request is on its way is of no use.
MARGIN = 5.0
#: A lease outlasts the request it is for.
LEASE_MARGIN = 5.0
#: A token server that does not answer by then will not.
LONGEST_REQUEST = 15.0
POLL = 0.1
#: After a failure nobody asks again for so long: a wrong secret must not lock us out.
PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What to ask which server for. `seconds` bounds the whole request."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    token_auth: str = "basic"
    scope: str = ""
    audience: str = ""
    environment: str = ""
    seconds: float = LONGEST_REQUEST


@dataclass(frozen=True, slots=True)
class Grant:
    """A token and for how many seconds it is valid."""

    token: str = field(repr=False)
    lifetime: float


class ClientRefused(TransportError):
    """The token server does not accept the client secret: the one before it may still do."""


#: How to ask, by the kind of the secret: `Callable[[TokenOrder], Grant]`. May raise TransportError.
GRANTS: Registry[Callable[[TokenOrder], Grant]] = Registry("way to get a token")


class Held(Protocol):
    """As `interop.vault.access.token` gives it; seconds are counted from when it was read."""

    @property
    def value(self) -> str: ...
    @property
    def generation(self) -> int: ...
    @property
    def refresh_in(self) -> float: ...
    @property
    def expires_in(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to ask. `orders`: one for each client secret that is valid, the present first."""

    code: str
    orders: Sequence[TokenOrder] = field(repr=False)


class TokenStore(Protocol):
    """The database's side. Every method is one short transaction of its own."""

    def held(self) -> Held | None: ...
    def lease(self, generation: int, seconds: float) -> Lease | None: ...
    def store(self, lease: Lease, generation: int, grant: Grant) -> bool: ...
    def release(self, lease: Lease) -> None: ...
    def drop(self, generation: int) -> None: ...
    def previous_used(self) -> None: ...


@dataclass(slots=True)
class _Known:
    value: str = field(repr=False)
    generation: int
    refresh_at: float
    expires_at: float


class TokenCredentials:
    """Shows access tokens. `lock` is shared by all in this process that show the same secret's."""

    def __init__(
        self,
        store: TokenStore,
        request: Callable[[TokenOrder], Grant],
        lock: threading.Lock,
    ) -> None:
        self._store = store
        self._request = request
        self._lock = lock
        self._looking = threading.Lock()
        self._known: _Known | None = None
        self._failed_at = float("-inf")
        self._failure: tuple[str, str] | None = None

    def present(self, seconds: float) -> str:
        """A token that is valid for some seconds more."""
        deadline = time.monotonic() + seconds
        known = self._usable()
        if known is None:
            value, asked = self._obtain(deadline)
            known = self._usable()
            if asked or known is None:
                return value
        if time.monotonic() >= known.refresh_at:
            self._refresh_ahead(deadline)
            known = self._usable() or known
        return known.value

    def refused(self, shown: str, seconds: float) -> str | None:
        """Another token than `shown`. None if the partner has refused a fresh one."""
        deadline = time.monotonic() + seconds
        with _Held(self._lock, deadline):
            held = self._read()
            if held is not None and held.value == shown:
                self._store.drop(held.generation)
                self._known = None
                held = self._read()
                if held is not None and held.value == shown:
                    return None  # it has only just been granted: it is not the token's fault
        value, _asked = self._obtain(deadline)
        return value

    # -- steps ---------------------------------------------------------------------------------

    def _refresh_ahead(self, deadline: float) -> None:
        """Get the next token if nobody else is at it; if that fails, the present one serves."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            known = self._read()
            if known is None or time.monotonic() < known.refresh_at:
                return
            lease = self._ask_for_lease(known.generation, deadline)
            if lease is not None:
                self._ask(lease, known.generation)
        except InteropError:
            if self._known is not None:
                self._known.refresh_at = time.monotonic() + PAUSE
        finally:
            self._lock.release()

    def _usable(self) -> _Known | None:
        """What is known to be valid for some seconds more."""
        known = self._known
        return known if known and time.monotonic() < known.expires_at - MARGIN else None

    def _obtain(self, deadline: float) -> tuple[str, bool]:
        """A token, and whether it was asked for just now."""
        # Looking needs no turn: a token that is still valid serves while another thread is getting
        # the next one. One looks for all, as each look takes a connection to the database.
        with _Held(self._looking, deadline):
            known = self._usable()
            if known is None:
                self._read()
                known = self._usable()
        if known is not None:
            return known.value, False
        with _Held(self._lock, deadline):
            while True:
                # Another thread may have got it while this one waited for its turn.
                latest = self._read()
                known = self._usable()
                if known is not None:
                    return known.value, False
                self._remember_failure()
                generation = latest.generation if latest is not None else 0
                lease = self._ask_for_lease(generation, deadline)
                if lease is not None:
                    return self._ask(lease, generation), True
                if time.monotonic() + POLL > deadline:
                    raise _late()
                time.sleep(POLL)

    def _read(self) -> _Known | None:
        held = self._store.held()
        now = time.monotonic()
        known = None
        if held is not None:
            expires_at = now + held.expires_in
            refresh_at = min(now + held.refresh_in, expires_at - MARGIN)
            known = _Known(held.value, held.generation, refresh_at, expires_at)
        self._known = known
        return known

    def _remember_failure(self) -> None:
        if self._failure is not None and time.monotonic() - self._failed_at < PAUSE:
            sentence, kind = self._failure
            raise TransportError(sentence, kind=kind)

    def _ask_for_lease(self, generation: int, deadline: float) -> Lease | None:
        seconds = min(deadline - time.monotonic(), LONGEST_REQUEST)
        if seconds <= 0:
            raise _late()
        return self._store.lease(generation, seconds)

    def _ask(self, lease: Lease, generation: int) -> str:
        """One request (two, if the first client secret is refused and the one before is valid)."""
        failure: TransportError | None = None
        grant: Grant | None = None
        for position, order in enumerate(lease.orders):
            try:
                if position:
                    self._store.previous_used()
                grant = self._request(order)
                break
            except ClientRefused as error:
                failure = failure or error
            except TransportError as error:
                failure = error
                break
        if grant is None:
            self._store.release(lease)
            sentence = failure.sentence if failure else "No token could be asked for."
            kind = failure.failure_class if failure else "internal"
            self._failure, self._failed_at = (sentence, kind), time.monotonic()
            raise TransportError(sentence, kind=kind)
        self._failure = None
        self._store.store(lease, generation + 1, grant)
        known = self._read()
        # Not kept: the secret was changed meanwhile. For this one request the token will do.
        return known.value if known is not None else grant.token


class _Held:
    """A lock that is waited for until a deadline."""

    def __init__(self, lock: threading.Lock, deadline: float) -> None:
        self._lock = lock
        self._deadline = deadline

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=max(self._deadline - time.monotonic(), 0.0)):
            raise _late()

    def __exit__(self, *exc: object) -> None:
        self._lock.release()


def _late() -> TransportError:
    return TransportError(
        "An access token was asked for and had not come in time. Nothing was sent.",
        kind="transient",
    )


class PreviousCredentials:
    """Two values are valid while a secret is rotated: the present one, then the one before it."""

    def __init__(self, present: str, previous: str, on_previous: Callable[[], None]) -> None:
        self._present = present
        self._previous = previous
        self._on_previous = on_previous

    def __repr__(self) -> str:
        return "<two values>"

    def present(self, seconds: float) -> str:
        return self._present

    def refused(self, shown: str, seconds: float) -> str | None:
        if shown != self._present:
            return None
        self._on_previous()
        return self._previous
