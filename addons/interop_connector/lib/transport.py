"""What moves bytes to and from another party, and the facts it gets to do so.

A transport is pure: it is given an :class:`Endpoint` and an :class:`Outgoing`, gives back a
:class:`Reply` and holds no cursor and no environment. So an exchange runs in a thread pool while
no database transaction is open, and could run on another machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_base.lib.registry import Registry


class Credentials(Protocol):
    """Something we show a partner that may change while we use it. Used by many threads at once.

    Methods may take up to `seconds`, raise nothing but `InteropError`, and keep nothing open: no
    cursor, no transaction.
    """

    def present(self, seconds: float) -> str:
        """What to show now."""

    def refused(self, shown: str, seconds: float) -> str | None:
        """The partner answered 401 to `shown`: what to show instead, once; None if nothing."""


@dataclass(frozen=True, slots=True)
class Auth:
    """How we show who we are. `secret` is `user:password` for kind `basic`.

    With `credentials`, what is shown comes from there and `secret` is empty.
    """

    kind: str
    secret: str = field(repr=False)
    header: str = "Authorization"
    credentials: Credentials | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Who we are in a TLS handshake. `pem` holds the certificate, those above it, and the key."""

    pem: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Everything a transport may know about where and how to send.

    Times are seconds; `timeout_total` bounds the whole exchange, from looking up the name to
    the last byte of the answer, and not only a pause between two bytes.
    """

    code: str
    url: str
    method: str = "POST"
    environment: str = ""
    timeout_connect: float = 5.0
    timeout_total: float = 30.0
    idempotent: bool = False
    auth: Auth | None = field(default=None, repr=False)
    signing_key: bytes | None = field(default=None, repr=False)
    previous_signing_key: bytes | None = field(default=None, repr=False)
    """While a signing key is being changed: what leaves is signed with both."""
    certificate: ClientCertificate | None = field(default=None, repr=False)
    authorities: str = field(default="", repr=False)
    """PEM: those who may vouch for the partner. Empty: whom everybody trusts."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    max_response_bytes: int = 1024 * 1024
    verify_tls: bool = True
    probe_url: str = ""
    """Where to knock to see whether the partner is there; empty: at `url`."""
    probe_method: str = "HEAD"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One payload on its way. `key` is the idempotency key and never changes between tries."""

    key: str
    payload: bytes = field(repr=False)
    content_type: str = "application/octet-stream"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """The partner's technical answer. `truncated`: it was longer than we were ready to keep."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    duration: float = 0.0
    accepted: bool = True
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """One payload found by a transport that fetches. `reference` names it for `confirm`."""

    reference: str
    payload: bytes = field(repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HealthStep:
    """`milliseconds` is how long it took. `advice`: what to do; for a step that went well, what
    somebody should see to before it is too late."""

    name: str
    ok: bool
    detail: str = ""
    milliseconds: float = 0.0
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What a probe saw, step by step; steps after the first failed one are left out."""

    steps: tuple[HealthStep, ...]

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)


class TransportError(InteropError):
    """An exchange that did not end well; nothing else may escape a transport.

    `kind` is a failure class, `sent` tells whether any byte of the request has left us,
    `reply` is the partner's answer if there was one.
    """

    def __init__(
        self,
        sentence: str,
        *,
        kind: str,
        retry_after: float | None = None,
        status: int | None = None,
        sent: bool = False,
        reply: Reply | None = None,
    ) -> None:
        super().__init__(sentence)
        self.failure_class = kind
        self.retry_after = retry_after
        self.status = status
        self.sent = sent
        self.reply = reply


class Transport(Protocol):
    code: str
    label: str

    def send(self, endpoint: Endpoint, outgoing: Outgoing) -> Reply:
        """Deliver one payload and return the answer, or raise :class:`TransportError`."""

    def fetch(self, endpoint: Endpoint) -> Iterator[Incoming]:
        """Yield what waits at the partner (pull transports only)."""

    def confirm(self, endpoint: Endpoint, incoming: Incoming) -> None:
        """Tell the partner that `incoming` is ours now. Called after the commit, idempotent."""

    def probe(self, endpoint: Endpoint) -> Health:
        """Try the way to the partner without any business effect; never raises."""

    def check_url(self, url: str) -> None:
        """Raise `ValueError` with a safe sentence if this transport cannot use `url`."""


TRANSPORTS: Registry[Transport] = Registry("transport")
