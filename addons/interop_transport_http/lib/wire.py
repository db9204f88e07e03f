"""Connections that obey one deadline from the first name lookup to the last byte.

The timeout of `requests` bounds the pause between two bytes. A partner that sends one byte a second
would hold a worker for as long as it likes, in the status line and the headers too, where nobody
outside `http.client` gets a say. So the deadline is applied where the bytes come in: every read and
every write on the socket may take what is left, and no more.

One thread carries out one exchange at a time; `clock` is that thread's exchange.
"""

from __future__ import annotations

import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPResponse
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

from odoo.addons.interop_connector.lib.transport import TransportError

_TLS_RECORD = 16 * 1024
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux only


class Clock(threading.local):
    """The deadline of this thread's exchange, and whether a byte of the request has left."""

    deadline: float = 0.0
    connect_deadline: float = 0.0
    sent: bool = False

    def start(self, connect: float, total: float) -> None:
        now = time.monotonic()
        self.deadline = now + total
        self.connect_deadline = min(now + connect, self.deadline)
        self.sent = False

    def left(self) -> float:
        return _positive(self.deadline - time.monotonic())

    def left_to_connect(self) -> float:
        return _positive(self.connect_deadline - time.monotonic())


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    return seconds


clock = Clock()


def resolve(host: str, port: int) -> list[tuple[Any, ...]]:
    """The addresses of `host` we may connect to, in the resolver's order."""
    answers: queue.SimpleQueue[list[tuple[Any, ...]] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError("not a host name"))

    # The resolver knows no timeout, so it gets a thread that we can stop waiting for.
    threading.Thread(target=ask, name="interop-resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=clock.left_to_connect())
    except (queue.Empty, TimeoutError):
        answer = OSError("no answer in time")
    if isinstance(answer, OSError):
        raise TransportError(
            f"The name {host} was not found. Check the address and the name service.",
            kind="transient",
        )
    allowed = [entry for entry in answer if is_allowed(entry[4][0])]
    if not allowed:
        raise TransportError(
            f"{host} leads to an address that no partner can have, and nothing was sent there.",
            kind="policy",
        )
    return allowed


def is_allowed(address: str) -> bool:
    """Whether a partner can live there. Private networks are fine: many partners are in them.

    Refused is what only ever means a service of the cloud we run on (link-local: metadata),
    everybody (multicast) or nobody (0.0.0.0 is another way to write localhost).
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def connect(host: str, port: int) -> socket.socket:
    """A TCP connection to one of the checked addresses: no second lookup in between."""
    timed_out = False
    for family, kind, protocol, _name, address in resolve(host, port):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(clock.left_to_connect())
            sock.connect(address)
            # What is left is also the budget of a TLS handshake that may follow.
            sock.settimeout(clock.left_to_connect())
        except OSError as error:
            sock.close()
            timed_out = timed_out or isinstance(error, TimeoutError)
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    how = "did not answer in time" if timed_out else "refused the connection"
    raise TransportError(f"{host} {how} on port {port}. Nothing was sent.", kind="transient")


class _BoundedRaw(io.RawIOBase):
    """A socket's bytes, each read within what is left of the deadline."""

    def __init__(self, sock: socket.socket, raw: socket.SocketIO) -> None:
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(clock.left())
        if _QUICKACK is not None:
            # Many small servers write headers and body apart, with Nagle's algorithm on: they wait
            # for our delayed acknowledgement in between, 40 ms for each message. The kernel
            # forgets this setting, so it is said before each read.
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        io.RawIOBase.close(self)


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_BoundedRaw(sock, self.fp.detach()))  # type: ignore[arg-type]


class _Bounded:
    """What plain and TLS connections have in common."""

    response_class = _BoundedResponse
    connect: Callable[[], None]
    sock: Any
    _dns_host: str
    port: int

    def _new_conn(self) -> socket.socket:
        return connect(self._dns_host, self.port)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        clock.sent = True
        view = memoryview(data)
        # `sendall` of a plain socket bounds the whole; that of TLS each record.
        for start in range(0, len(view), _TLS_RECORD):
            self.sock.settimeout(clock.left())
            self.sock.sendall(view[start : start + _TLS_RECORD])


class _PlainConnection(_Bounded, HTTPConnection):  # type: ignore[misc]
    pass


class _TLSConnection(_Bounded, HTTPSConnection):  # type: ignore[misc]
    pass


class Line:
    """One connection to one origin, opened when it is needed and kept between exchanges.

    `urllib3`'s connection itself, without the pool and the session that stand above it elsewhere:
    a session would follow redirects, keep cookies, and read proxies, certificates and `.netrc` from
    the environment, none of which an exchange may do, and all that costs as much as the exchange.
    """

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int,
        verify: bool,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._connection: _PlainConnection | _TLSConnection
        if scheme == "https" and context is not None:
            self._connection = _TLSConnection(
                host, port, ssl_context=context, assert_hostname=None if verify else False
            )
        elif scheme == "https":
            self._connection = _TLSConnection(
                host,
                port,
                cert_reqs="CERT_REQUIRED" if verify else "CERT_NONE",
                assert_hostname=None if verify else False,
                ca_certs=DEFAULT_CA_BUNDLE_PATH if verify else None,
            )
        else:
            self._connection = _PlainConnection(host, port)

    def send(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> BaseHTTPResponse:
        """Send a request and return the answer's head; the body is still to be read."""
        connection = self._connection
        if connection.sock is not None and not connection.is_connected:
            connection.close()  # the partner hung up meanwhile
        connection.request(
            method,
            target,
            body=body,
            headers=headers,
            preload_content=False,
            decode_content=False,
            enforce_content_length=True,
        )
        return connection.getresponse()

    def close(self) -> None:
        self._connection.close()
