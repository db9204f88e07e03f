"""Anchors to a syslog: RFC 5424 messages, to the machine's own or to another one.

Places: ``/dev/log`` (a path: a local socket), ``udp://host:514``, ``tcp://host:601`` (frames with
octet counting, RFC 6587, section 3.4.1). The line's signature protects what it says on the way;
that it arrived is certain for none of them, so a file or a folder beside it is a good idea.
"""

import os
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from .anchoring import TARGETS, AnchorError, Line

#: Facility 13 (log audit), severity 5 (notice): RFC 5424, section 6.2.1.
PRIORITY: Final = 13 * 8 + 5
APP_NAME: Final = "interop"
MESSAGE_ID: Final = "audit-anchor"
TIMEOUT: Final = 5.0
#: How long the other side has to say that it does not take what was sent.
GRACE: Final = 0.3


def message(text: str, at: datetime, host: str, process: int) -> bytes:
    """One syslog message without structured data (RFC 5424, section 6).

    >>> from datetime import UTC, datetime
    >>> message("{}", datetime(2026, 3, 1, 12, tzinfo=UTC), "hub", 7)
    b'<109>1 2026-03-01T12:00:00.000000Z hub interop 7 audit-anchor - {}'
    """
    when = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = "".join(char for char in host if 33 <= ord(char) <= 126)[:255] or "-"
    return f"<{PRIORITY}>1 {when} {name} {APP_NAME} {process} {MESSAGE_ID} - {text}".encode()


def framed(data: bytes) -> bytes:
    """
    >>> framed(b"abc")
    b'3 abc'
    """
    return b"%d %s" % (len(data), data)


class SyslogTarget:
    code = "syslog"
    label = "Syslog"

    def append(self, place: str, lines: Sequence[Line]) -> None:
        host, process = socket.gethostname(), os.getpid()
        messages = [message(line.text, datetime.now(UTC), host, process) for line in lines]
        try:
            self._send(place, messages)
        except OSError as error:
            why = error.strerror or "does not answer"
            raise AnchorError(f"{place}: {why}.") from error

    def tail(self, place: str, instance: str, count: int) -> list[str] | None:
        return None

    def _send(self, place: str, messages: Sequence[bytes]) -> None:
        if place.startswith("/"):
            _send_local(place, messages)
            return
        try:
            url = urlsplit(place)
            host, port = url.hostname, url.port
        except ValueError:
            host = port = None
        senders = {"udp": _send_udp, "tcp": _send_tcp}
        if not host or url.scheme not in senders:
            raise AnchorError(
                "audit_anchor_syslog is neither a path nor udp://host:port or tcp://host:port."
            )
        senders[url.scheme](host, port or {"udp": 514, "tcp": 601}[url.scheme], messages)


def _send_local(path: str, messages: Sequence[bytes]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.settimeout(TIMEOUT)
        out.connect(path)
        for data in messages:
            out.send(data)


def _send_udp(host: str, port: int, messages: Sequence[bytes]) -> None:
    family, kind, proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, proto) as out:
        out.connect(address)
        for data in messages:
            out.send(data)
        # A host without a listener says so only afterwards.
        out.settimeout(GRACE)
        try:
            out.recv(1)
        except TimeoutError:
            return


def _send_tcp(host: str, port: int, messages: Sequence[bytes]) -> None:
    with socket.create_connection((host, port), timeout=TIMEOUT) as out:
        out.sendall(b"".join(framed(data) for data in messages))
        out.shutdown(socket.SHUT_WR)
        # The receiver closes when it has read everything. A reset means that it has not.
        try:
            while out.recv(4096):
                pass
        except TimeoutError:
            return


TARGETS.register(SyslogTarget.code, SyslogTarget())
