"""Try the way to a partner step by step, without any business effect."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import replace
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
from .tls import context_of

if TYPE_CHECKING:
    from .http import HttpTransport

# Somebody looks at a dialog meanwhile.
_MAX_SECONDS = 10.0


def probe(transport: HttpTransport, endpoint: Endpoint) -> Health:
    """Name, TCP, TLS, HTTP; ends with the first step that fails."""
    quick = replace(
        endpoint,
        timeout_total=min(endpoint.timeout_total, _MAX_SECONDS),
        timeout_connect=min(endpoint.timeout_connect, _MAX_SECONDS),
    )
    parts = urlsplit(quick.url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Address", lambda: _address(transport, quick.url)),
        ("Name", lambda: _name(host, port)),
        ("TCP", lambda: _tcp(host, port)),
    ]
    if tls:
        checks.append(("TLS", lambda: _tls(host, port, quick)))
    checks.append(("HTTP", lambda: _http(transport, quick)))
    steps: list[HealthStep] = []
    for name, check in checks:
        wire.clock.start(quick.timeout_connect, quick.timeout_total)
        started = time.monotonic()
        try:
            told = check()
        except TransportError as error:
            steps.append(HealthStep(name, False, error.sentence))
            break
        milliseconds = (time.monotonic() - started) * 1000
        steps.append(HealthStep(name, True, f"{told} ({milliseconds:.0f} ms)"))
    return Health(tuple(steps))


def _address(transport: HttpTransport, url: str) -> str:
    problem = ""
    try:
        transport.check_url(url)
    except ValueError as error:
        problem = str(error)
    if problem:
        raise TransportError(problem, kind="policy")
    return "The address is well formed"


def _name(host: str, port: int) -> str:
    addresses = {entry[4][0] for entry in wire.resolve(host, port)}
    return f"{host} is {', '.join(sorted(addresses)[:4])}"


def _tcp(host: str, port: int) -> str:
    wire.connect(host, port).close()
    return f"Port {port} answers"


def _tls(host: str, port: int, endpoint: Endpoint) -> str:
    why = ""
    context = context_of(endpoint, True)
    if context is None:
        context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    with wire.connect(host, port) as sock:
        try:
            with context.wrap_socket(sock, server_hostname=host) as secured:
                return f"{secured.version()}, the certificate is trusted"
        except ssl.SSLCertVerificationError as error:
            why = f"The certificate is not trusted: {error.verify_message}."
        except OSError:
            why = "The TLS handshake failed."
    raise TransportError(why, kind="transient")


def _http(transport: HttpTransport, endpoint: Endpoint) -> str:
    """`HEAD` has no effect by RFC 9110. A partner that does not know it still shows it is there."""
    try:
        status = transport.request(endpoint, "HEAD", Outgoing(key="probe", payload=b"")).status
    except TransportError as error:
        answered = error.status
        if answered is None or answered in (401, 403, 404, 410) or not 400 <= answered < 500:
            raise
        status = answered
    return f"Answered {status} to a request without content"
