"""The transport `http`: one request per payload, judged by its status."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
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
from .headers import headers_of, url_problem
from .probe import probe
from .tls import context_of, refused_us
from .wire import Line, clock

# A kept connection is thrown away when it was idle for longer. Servers close theirs after some
# seconds, and a request that meets the closing is lost without anybody knowing whether it was read.
MAX_IDLE = 4.0
_MAX_LINES = 32
_BLOCK = 64 * 1024
_PORTS = {"http": 80, "https": 443}
# Where the certificate may be left unchecked, if the endpoint says so.
_PLAYGROUNDS = frozenset({"development", "test"})


_LineKey = tuple[str, str, int, bool, ssl.SSLContext | None]


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
        """Name, TCP, TLS, authentication and an echo, without content and effect."""
        return probe(self, endpoint)

    def check_url(self, url: str) -> None:
        """Raise `ValueError` unless `url` is a plain http or https address."""
        problem = url_problem(url)
        if problem:
            raise ValueError(problem)

    def request(self, endpoint: Endpoint, method: str, outgoing: Outgoing) -> Reply:
        """One exchange within the endpoint's total time; another one if what we showed is too old.

        Only a 401 is followed by a second one: by RFC 9110 section 15.5.2 the first was not
        carried out.
        """
        deadline = time.monotonic() + endpoint.timeout_total
        auth = endpoint.auth
        if auth is None or auth.credentials is None:
            reply = self._once(endpoint, method, outgoing, auth, deadline)
        else:
            # Asked for first: it may need an exchange of its own, in this same thread.
            shown = auth.credentials.present(deadline - time.monotonic())
            shows = replace(auth, secret=shown)
            reply = self._once(endpoint, method, outgoing, shows, deadline)
            if reply.status == 401:
                other = auth.credentials.refused(shown, deadline - time.monotonic())
                if other is not None:
                    shows = replace(auth, secret=other)
                    reply = self._once(endpoint, method, outgoing, shows, deadline)
        failure = judge(reply)
        if failure is not None:
            raise failure
        return reply

    def _once(
        self,
        endpoint: Endpoint,
        method: str,
        outgoing: Outgoing,
        auth: Auth | None,
        deadline: float,
    ) -> Reply:
        started = time.monotonic()
        if started >= deadline:
            raise TransportError(
                "The time for the exchange was over before anything could be sent.",
                kind="transient",
            )
        clock.start(endpoint.timeout_connect, deadline - started)
        headers = headers_of(endpoint, method, outgoing, auth)
        origin = _origin(endpoint.url)
        if origin is None:
            raise TransportError("The endpoint's address cannot be used.", kind="policy")
        verify = endpoint.verify_tls or endpoint.environment not in _PLAYGROUNDS
        context = context_of(endpoint, verify) if origin.scheme == "https" else None
        line = self._line(origin, verify, context)
        body = None if method in ("HEAD", "GET", "OPTIONS") else outgoing.payload
        try:
            return self._exchange(line, (method, origin.target, body, headers), endpoint, started)
        except TransportError:
            line.close()
            raise

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

    def _line(self, origin: _Origin, verify: bool, context: ssl.SSLContext | None) -> Line:
        """This thread's connection to `origin`, fresh if it has been idle.

        A connection belongs to the certificate it was made with: nobody else's is used.
        """
        kept: dict[_LineKey, tuple[Line, float]]
        kept = self._local.__dict__.setdefault("lines", {})
        key = (origin.scheme, origin.host, origin.port, verify, context)
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
    if refused_us(_find(error, ssl.SSLError)):
        return TransportError(
            f"{host} did not accept our certificate in the TLS handshake, and read nothing. Check "
            "the certificate that the connector shows.",
            kind="partner",
        )
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


TRANSPORT = HttpTransport()
TRANSPORTS.register(HttpTransport.code, TRANSPORT)
