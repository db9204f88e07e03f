"""The manner in which an answer goes out: whole, or broken on the way in one of many ways.

What a behaviour decides (``behaviours.py``) is one thing, whether its answer arrives is another.
"""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

from odoo.addons.interop_base.lib.registry import Registry

from .behaviours import Outcome

LONGEST_SILENCE = 300.0
HUGE = 1024**3
_BLOCK = bytes(64 * 1024)

Manner = Callable[[Any, Outcome], None]
MANNERS: Registry[Manner] = Registry("manner of an answer")


def whole(handler: BaseHTTPRequestHandler, outcome: Outcome) -> None:
    """As HTTP wants it."""
    _head(handler, outcome, len(outcome.body))
    handler.wfile.write(outcome.body)


def hold(handler: Any, outcome: Outcome) -> None:
    """No answer at all; the connection stays open."""
    handler.close_connection = True
    handler.server.partner.stopping.wait(LONGEST_SILENCE)


def cut(handler: BaseHTTPRequestHandler, outcome: Outcome) -> None:
    """Half of the answer, and then the end of the connection."""
    handler.close_connection = True
    _head(handler, outcome, len(outcome.body))
    handler.wfile.write(outcome.body[: len(outcome.body) // 2])


def reset(handler: BaseHTTPRequestHandler, outcome: Outcome) -> None:
    """RST instead of an answer."""
    handler.close_connection = True
    # Closing with a linger time of zero is how a socket is told to reset.
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.rfile.close()
    handler.connection.close()


def trickle(handler: Any, outcome: Outcome) -> None:
    """One byte a second, from the status line on."""
    handler.close_connection = True
    head = f"HTTP/1.1 {outcome.status} OK\r\nContent-Length: {len(outcome.body)}\r\n\r\n"
    for byte in head.encode() + outcome.body:
        handler.wfile.write(bytes([byte]))
        if handler.server.partner.stopping.wait(1):
            return


def noise(handler: BaseHTTPRequestHandler, outcome: Outcome) -> None:
    """Bytes that are no HTTP."""
    handler.close_connection = True
    handler.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")


def huge(handler: BaseHTTPRequestHandler, outcome: Outcome) -> None:
    """1 GB, for as long as the other side reads."""
    handler.close_connection = True
    _head(handler, outcome, HUGE)
    for _number in range(HUGE // len(_BLOCK)):
        handler.wfile.write(_BLOCK)


def bomb(handler: BaseHTTPRequestHandler, outcome: Outcome) -> None:
    """About 1 MB that says it is compressed, and would be 1 GB."""
    handler.close_connection = True
    packed = _bomb()
    _head(handler, outcome, len(packed), **{"Content-Encoding": "gzip"})
    handler.wfile.write(packed)


def _head(handler: BaseHTTPRequestHandler, outcome: Outcome, length: int, **further: str) -> None:
    handler.send_response(outcome.status)
    for name, value in {**outcome.headers, **further}.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(length))
    if handler.close_connection:
        handler.send_header("Connection", "close")
    handler.end_headers()


@cache
def _bomb() -> bytes:
    """A member of 16 MB, 64 times: gzip lets members stand one after the other (RFC 1952)."""
    return gzip.compress(bytes(16 * 1024**2)) * (HUGE // (16 * 1024**2))


for _manner in (whole, hold, cut, reset, trickle, noise, huge, bomb):
    MANNERS.register(_manner.__name__, _manner)
