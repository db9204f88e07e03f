"""The transport `http`: one request per payload, judged by its status."""

from __future__ import annotations

import base64
import http.client
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
import urllib3

from odoo.addons.interop_connector.lib.transport import (
    TRANSPORTS,
    Auth,
    Endpoint,
    Health,
    Incoming,
    Outgoing,
    Reply,
    TransportError,
)

from .answers import judge
from .probe import probe
from .webhook import StandardWebhook
from .wire import Line, clock

USER_AGENT = "Interop/1.0"
# A kept connection is thrown away when it was idle for longer. Servers close theirs after some
# seconds, and a request that meets the closing is lost without anybody knowing whether it was read.
MAX_IDLE = 4.0
_MAX_LINES = 32
_BLOCK = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_METHODS = frozenset({"POST", "PUT", "PATCH", "GET", "DELETE"})
# Where the certificate may be left unchecked, if the endpoint says so.
_PLAYGROUNDS = frozenset({"development", "test"})


class HttpTransport:
    """Keeps one connection per thread and origin."""

    code = "http"
    label = "HTTP"

    def __init__(self) -> None:
        self._local = threading.local()

    def send(self, endpoint: Endpoint, outgoing: Outgoing) -> Reply:
        """Deliver and return the accepted answer; anything else is a `TransportError`."""
        return self.request(endpoint, endpoint.method, outgoing)

    def fetch(self, endpoint: Endpoint) -> Iterator[Incoming]:
        """Partners come to us through the inbound address; there is nothing to fetch."""
        return iter(())

    def confirm(self, endpoint: Endpoint, incoming: Incoming) -> None:
        """Nothing is fetched, so nothing is confirmed."""

    def probe(self, endpoint: Endpoint) -> Health:
        """Name, TCP, TLS and an HTTP `HEAD` without content."""
        return probe(self, endpoint)

    def check_url(self, url: str) -> None:
        """Raise `ValueError` unless `url` is a plain http or https address."""
        problem = _url_problem(url)
        if problem:
            raise ValueError(problem)

    def request(self, endpoint: Endpoint, method: str, outgoing: Outgoing) -> Reply:
        """One exchange within the endpoint's total time."""
        clock.start(endpoint.timeout_connect, endpoint.timeout_total)
        started = time.monotonic()
        headers = _headers(endpoint, method, outgoing)
        origin = _origin(endpoint.url)
        if origin is None:
            raise TransportError("The endpoint's address cannot be used.", kind="policy")
        verify = endpoint.verify_tls or endpoint.environment not in _PLAYGROUNDS
        line = self._line(origin, verify)
        body = None if method in ("HEAD", "GET") else outgoing.payload
        try:
            reply = self._exchange(line, (method, origin.target, body, headers), endpoint, started)
        except TransportError:
            line.close()
            raise
        failure = judge(reply)
        if failure is not None:
            raise failure
        return reply

    def _exchange(
        self,
        line: Line,
        request: tuple[str, str, bytes | None, Mapping[str, str]],
        endpoint: Endpoint,
        started: float,
    ) -> Reply:
        status: int | None = None
        try:
            response = line.send(*request)
            status = response.status
            headers = response.headers
            try:
                body = _read(response, endpoint.max_response_bytes + 1)
            except _NETWORK:
                # A refusal is a refusal, however little of its text arrived.
                if 200 <= status < 300:
                    raise
                body = b""
                line.close()
            truncated = len(body) > endpoint.max_response_bytes
            if truncated:
                line.close()
        except TransportError:
            raise
        except _NETWORK as error:
            failure = _failure(error, endpoint, status)
        else:
            return Reply(
                status=status,
                body=body[: endpoint.max_response_bytes],
                headers=headers,
                duration=time.monotonic() - started,
                accepted=200 <= status < 300,
                truncated=truncated,
            )
        # Outside the handler: what the libraries raise may hold the whole request, secrets and all.
        raise failure

    def _line(self, origin: _Origin, verify: bool) -> Line:
        """This thread's connection to `origin`, fresh if it has been idle."""
        kept: dict[tuple[str, str, int, bool], tuple[Line, float]]
        kept = self._local.__dict__.setdefault("lines", {})
        key = (origin.scheme, origin.host, origin.port, verify)
        now = time.monotonic()
        line, used = kept.pop(key, (None, now))
        if line is None:
            line = Line(*key)
        elif now - used > MAX_IDLE:
            line.close()
        kept[key] = (line, now)
        while len(kept) > _MAX_LINES:
            oldest, _used = kept.pop(next(iter(kept)))
            oldest.close()
        return line


def _headers(endpoint: Endpoint, method: str, outgoing: Outgoing) -> dict[str, str]:
    problem = _url_problem(endpoint.url)
    if problem:
        raise TransportError(problem, kind="policy")
    if method not in _METHODS and method != "HEAD":
        raise TransportError("The endpoint's HTTP method is not known.", kind="internal")
    headers = {
        **endpoint.headers,
        **outgoing.headers,
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
    }
    if method != "HEAD":
        headers["Content-Type"] = outgoing.content_type
        headers["Idempotency-Key"] = outgoing.key
    if endpoint.auth is not None:
        name, value = _credentials(endpoint.auth)
        headers[name] = value
    if endpoint.signing_key is not None:
        headers.update(
            StandardWebhook([endpoint.signing_key]).sign(
                outgoing.key, time.time(), outgoing.payload
            )
        )
    _check_headers(headers)
    return headers


class _Origin(NamedTuple):
    """An address, taken apart: where the connection goes, and what is asked for there."""

    scheme: str
    host: str
    port: int
    target: str


@lru_cache(maxsize=256)
def _origin(url: str) -> _Origin | None:
    """`url` as it goes on the wire: host in ASCII, path and query escaped. None: it cannot."""
    try:
        prepared = requests.Request("POST", url).prepare()
        parts = urlsplit(prepared.url or "")
        # A port always: without one, the colons of an IPv6 address would be taken for one.
        port = parts.port or _PORTS[parts.scheme]
        return _Origin(parts.scheme, parts.hostname or "", port, prepared.path_url)
    except (requests.RequestException, KeyError, ValueError):
        return None


_NETWORK = (
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)


def _read(raw: urllib3.BaseHTTPResponse, limit: int) -> bytes:
    """Up to `limit` bytes as they came: never unpacked, and an answer cut short is an error."""
    blocks: list[bytes] = []
    while limit > 0:
        # Only the read that finds the end tells whether all that was announced has come.
        block = raw.read(min(limit, _BLOCK), decode_content=False)
        if not block:
            break
        blocks.append(block)
        limit -= len(block)
    return b"".join(blocks)


def _failure(error: BaseException, endpoint: Endpoint, status: int | None) -> TransportError:
    """What it means that no whole answer came."""
    host = urlsplit(endpoint.url).hostname
    if not clock.sent:
        why = "No secure connection to {} came about ({}). Nothing was sent."
        certificate = _find(error, ssl.SSLCertVerificationError)
        if certificate is not None:
            sentence = why.format(host, "its certificate is not trusted")
        elif _find(error, ssl.SSLError) is not None:
            sentence = why.format(host, "the TLS handshake failed")
        else:
            sentence = f"{host} did not take the request in time. Nothing was sent."
        return TransportError(sentence, kind="transient")
    if status is not None:
        sentence = f"The partner answered {status}, but its answer did not arrive completely."
    elif time.monotonic() >= clock.deadline:
        sentence = (
            f"The request was sent, but no whole answer came within {endpoint.timeout_total:g} "
            "seconds."
        )
    else:
        sentence = (
            "The request was sent, but the connection ended without an answer we can understand."
        )
    return TransportError(sentence, kind="uncertain", status=status, sent=True)


def _find(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The first of `kind` among an error, its causes and what it wraps."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop(0)
        if not isinstance(item, BaseException) or item in seen:
            continue
        if isinstance(item, kind):
            return item
        seen.append(item)
        waiting += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
    return None


@lru_cache(maxsize=256)
def _url_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "The address cannot be read."
    if parts.scheme not in ("http", "https"):
        return "The address must begin with http:// or https://."
    if "@" in parts.netloc:
        return (
            "The address holds a user name or password. Addresses end up in logs: keep the "
            "credentials in a secret and choose it at the connector."
        )
    if not parts.hostname or port == 0:
        return "The address names no host."
    if parts.fragment or "\\" in url or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        return "The address holds characters that do not belong there."
    return None


def _credentials(auth: Auth) -> tuple[str, str]:
    if auth.kind == "bearer":
        return "Authorization", f"Bearer {auth.secret}"
    if auth.kind == "basic":
        return "Authorization", "Basic " + base64.b64encode(auth.secret.encode()).decode()
    if auth.kind == "api_key":
        return auth.header or "X-API-Key", auth.secret
    raise TransportError(
        "The connector's secret is of a kind that cannot be sent over HTTP.", kind="internal"
    )


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what a header cannot carry, naming the header and never what stands in it."""
    for name, value in headers.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise TransportError("A header's name is not valid.", kind="internal")
        if not (value.isascii() and value.isprintable()) or value != value.strip():
            raise TransportError(
                f"The header {name} would hold characters that HTTP does not allow there. "
                "Check the connector's secret for blanks, line ends and accents.",
                kind="internal",
            )


TRANSPORTS.register(HttpTransport.code, HttpTransport())
