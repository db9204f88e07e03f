"""Try the way to a partner step by step, without any business effect.

Name, TCP, TLS, authentication and echo are told apart, each with what was seen, how long it took,
and what to do if it failed.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from odoo.addons.interop_connector.lib.transport import (
    Endpoint,
    Health,
    HealthStep,
    Outgoing,
    TransportError,
)

from . import wire
from .certificates import Seen, seen_of, unchecked
from .tls import context_of, refused_us

if TYPE_CHECKING:
    from .http import HttpTransport

# Somebody looks at a dialog meanwhile.
_MAX_SECONDS = 10.0
# A certificate that ends within so many days is told before it has ended.
EXPIRES_SOON = 30

_ADVICE = {
    "Address": "Correct the address at the endpoint.",
    "Name": "Check the host's spelling. If it is right, ask your network's people whether this "
    "server can look the name up.",
    "TCP": "Ask your network's people whether this server may reach the port, and the partner "
    "whether it lets your address through and its system is up.",
    "TLS": "Compare the certificate with what the partner says. If it has authorities of its own, "
    "enter them at the connector under Secrets.",
    "Authentication": "Check the connector's secret with the partner: whether it is the right one, "
    "has ended, or is for another environment.",
    "Echo": "The partner is reached and lets us in, but does not answer as it should here. Check "
    "the address, or enter what it has for trying; else ask the partner.",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What a step saw. `warning`: it went well, and somebody should see to something."""

    text: str
    warning: str = ""


def probe(transport: HttpTransport, endpoint: Endpoint) -> Health:
    """Name, TCP, TLS, authentication, echo; ends with the first step that fails."""
    quick = replace(
        endpoint,
        timeout_total=min(endpoint.timeout_total, _MAX_SECONDS),
        timeout_connect=min(endpoint.timeout_connect, _MAX_SECONDS),
    )
    parts = urlsplit(quick.url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = _port(quick.url) or (443 if tls else 80)
    knock = _Knock(transport, quick)
    checks: list[tuple[str, Callable[[], _Told]]] = [
        ("Address", lambda: _address(transport, quick)),
        ("Name", lambda: _name(host, port)),
        ("TCP", lambda: _tcp(host, port)),
    ]
    if tls:
        checks.append(("TLS", lambda: _tls(host, port, quick)))
    checks += [("Authentication", knock.authentication), ("Echo", knock.echo)]
    steps: list[HealthStep] = []
    for name, check in checks:
        wire.clock.start(quick.timeout_connect, quick.timeout_total)
        started = time.monotonic()
        failure = ""
        try:
            told = check()
        except TransportError as error:
            failure = error.sentence
        # What the echo saw was waited for in the step before it.
        milliseconds = knock.took if name == "Echo" else (time.monotonic() - started) * 1000
        if failure:
            steps.append(HealthStep(name, False, failure, milliseconds, _ADVICE[name]))
            break
        steps.append(HealthStep(name, True, told.text, milliseconds, told.warning))
    return Health(tuple(steps))


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:  # the first step says so
        return None


def _address(transport: HttpTransport, endpoint: Endpoint) -> _Told:
    problem = ""
    try:
        for url in (endpoint.url, endpoint.probe_url):
            if url:
                transport.check_url(url)
    except ValueError as error:
        problem = str(error)
    if problem:
        raise TransportError(problem, kind="policy")
    return _Told("The address is well formed")


def _name(host: str, port: int) -> _Told:
    addresses = sorted({entry[4][0] for entry in wire.resolve(host, port)})
    told = ", ".join(addresses[:4]) + (" …" if len(addresses) > 4 else "")
    return _Told(f"{host} is {told}")


def _tcp(host: str, port: int) -> _Told:
    with wire.connect(host, port) as sock:
        return _Told(f"Port {port} answers at {sock.getpeername()[0]}")


def _tls(host: str, port: int, endpoint: Endpoint) -> _Told:
    why = ""
    context = context_of(endpoint, True)
    if context is None:
        context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    with wire.connect(host, port) as sock:
        try:
            with context.wrap_socket(sock, server_hostname=host) as secured:
                seen = seen_of(secured)
                return _Told(f"{secured.version()}, trusted: {seen.told}", _expiring(seen))
        except ssl.SSLCertVerificationError as error:
            why = f"The certificate is not trusted: {error.verify_message}."
        except OSError as error:
            why = "The TLS handshake failed."
            if refused_us(error):
                why = "The partner did not accept our certificate, or wants one, and we show none."
    if "not trusted" in why:
        # Once more without trust and without a byte of ours, to tell whose it is.
        seen_anyway = unchecked(host, port)
        why += f" It is {seen_anyway.told}." if seen_anyway else ""
    raise TransportError(why, kind="transient")


def _expiring(seen: Seen) -> str:
    if seen.days is None or seen.days >= EXPIRES_SOON:
        return ""
    return (
        f"The partner's certificate ends in {max(seen.days, 0)} days. Ask the partner when it is "
        "replaced."
    )


class _Knock:
    """The one request of a probe, which two steps look at."""

    def __init__(self, transport: HttpTransport, endpoint: Endpoint) -> None:
        self._transport = transport
        self._endpoint = replace(endpoint, url=endpoint.probe_url or endpoint.url)
        self._status = 0
        self._failure: TransportError | None = None
        self.took = 0.0

    def authentication(self) -> _Told:
        """Whether the partner lets us in. What else it says is told by the echo."""
        auth = self._endpoint.auth
        started = time.monotonic()
        if auth is not None and auth.credentials is not None:
            # A token server that refuses us is told here, and not as the partner's answer.
            auth.credentials.present(self._endpoint.timeout_total)
        self._ask()
        self.took = (time.monotonic() - started) * 1000
        failure = self._failure
        if failure is not None and _is_refusal(failure):
            raise failure
        if self._endpoint.certificate is not None and auth is None:
            return _Told("Our certificate was not refused")
        if auth is None:
            return _Told("We show no credentials, and none were asked for")
        return _Told("Our credentials were not refused")

    def echo(self) -> _Told:
        failure, method = self._failure, self._endpoint.probe_method
        if failure is None:
            return _Told(f"Answered {self._status} to {method} without content")
        status = failure.status
        if status is None or status in (404, 410) or not 400 <= status < 500:
            raise failure
        # It does not know such a request, which shows that somebody is there who reads them.
        return _Told(f"Answered {status} to {method} without content: it is there")

    def _ask(self) -> None:
        outgoing = Outgoing(key="probe", payload=b"")
        try:
            reply = self._transport.request(self._endpoint, self._endpoint.probe_method, outgoing)
            self._status = reply.status
        except TransportError as error:
            self._failure = error


def _is_refusal(failure: TransportError) -> bool:
    """By status, or by the partner's TLS, which refuses a certificate without any."""
    if failure.status is None:
        return failure.failure_class == "partner"
    return failure.status in (401, 403)
