"""The partner of both sides: an HTTP server that does as little as a server can.

It shares two cores with what is measured, so it is one thread over `epoll` that looks for three
things in a request (path, length, key) and answers with fixed bytes. It notes when each request
had arrived completely, on the machine's monotonic clock, which all processes share.

As a process of its own: ``python -m interop_bench.partner PORT``. What it does to a path is set
through ``/control/…``; it ends with its standard input, that is, with whoever started it.
"""

from __future__ import annotations

import heapq
import json
import os
import select
import socket
import sys
import time
from urllib.parse import parse_qsl, urlsplit

_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
    b'{"status":"ok"}'
)
_BLOCK = 256 * 1024
_FOREVER = float("inf")


class _Connection:
    __slots__ = ("data", "sock", "wanted")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.data = bytearray()
        self.wanted = 0  # bytes of the request at hand, 0 while its head has not come


class Partner:
    """Serves until its standard input ends."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._listener.setblocking(False)
        self._poll = select.epoll()
        self._connections: dict[int, _Connection] = {}
        self._due: list[tuple[float, int, _Connection]] = []
        self._delays: dict[bytes, float] = {}
        self._arrivals: list[tuple[bytes, int]] = []
        self._number = 0

    def serve(self) -> None:
        listener, stdin = self._listener.fileno(), sys.stdin.fileno()
        self._poll.register(listener, select.EPOLLIN)
        self._poll.register(stdin, select.EPOLLIN | select.EPOLLHUP)
        while True:
            pause = max(self._due[0][0] - time.monotonic(), 0) if self._due else -1
            for handle, _event in self._poll.poll(pause):
                if handle == listener:
                    self._accept()
                elif handle == stdin:
                    if not os.read(stdin, 1):
                        return
                else:
                    self._read(self._connections[handle])
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                self._send(heapq.heappop(self._due)[2], _ANSWER)

    def _accept(self) -> None:
        while True:
            try:
                sock, _address = self._listener.accept()
            except BlockingIOError:
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[sock.fileno()] = _Connection(sock)
            self._poll.register(sock.fileno(), select.EPOLLIN)

    def _read(self, connection: _Connection) -> None:
        try:
            block = connection.sock.recv(_BLOCK)
        except BlockingIOError:
            return
        except OSError:
            block = b""
        if not block:
            self._forget(connection)
            return
        data = connection.data
        data += block
        while data:
            if not connection.wanted:
                end = data.find(b"\r\n\r\n")
                if end < 0:
                    return
                connection.wanted = end + 4 + _number_after(data, b"content-length:", end)
            if len(data) < connection.wanted:
                return
            arrived = time.monotonic_ns()
            head_end = data.find(b"\r\n\r\n")
            head = bytes(data[: head_end + 2])
            del data[: connection.wanted]
            connection.wanted = 0
            self._answer(connection, head, arrived)

    def _answer(self, connection: _Connection, head: bytes, arrived: int) -> None:
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/control/"):
            connection.sock.setblocking(True)  # long answers, while nothing is measured
            connection.sock.sendall(_json(self._control(path.decode())))
            connection.sock.setblocking(False)
            return
        self._arrivals.append((_value_after(head, b"idempotency-key:"), arrived))
        delay = self._delays.get(path[: path.find(b"/", 1)], 0.0) if self._delays else 0.0
        if not delay:
            self._send(connection, _ANSWER)
        elif delay != _FOREVER:
            self._number += 1
            heapq.heappush(self._due, (time.monotonic() + delay, self._number, connection))

    def _send(self, connection: _Connection, answer: bytes) -> None:
        try:
            connection.sock.send(answer)
        except OSError:
            self._forget(connection)

    def _forget(self, connection: _Connection) -> None:
        handle = connection.sock.fileno()
        if self._connections.pop(handle, None) is not None:
            self._poll.unregister(handle)
            connection.sock.close()

    def _control(self, path: str) -> object:
        parts = urlsplit(path)
        options = dict(parse_qsl(parts.query))
        match parts.path.removeprefix("/control/"):
            case "reset":
                self._arrivals = []
            case "delay":
                seconds = options["seconds"]
                self._delays[options["path"].encode()] = (
                    _FOREVER if seconds == "hang" else float(seconds)
                )
            case "arrivals":
                return {key.decode(): at for key, at in reversed(self._arrivals)}
        skipped = self._arrivals[int(options.get("skip", 0)) :]
        return {
            "requests": len(self._arrivals),
            "keys": len({key for key, _at in self._arrivals}) if "keys" in options else None,
            "first": skipped[0][1] / 1e9 if skipped else None,
            "last": skipped[-1][1] / 1e9 if skipped else None,
        }


def _value_after(head: bytes, name: bytes) -> bytes:
    lowered = head.lower()
    start = lowered.find(b"\n" + name)
    if start < 0:
        return b""
    start += 1 + len(name)
    return head[start : head.find(b"\r", start)].strip()


def _number_after(data: bytearray, name: bytes, end: int) -> int:
    return int(_value_after(bytes(data[: end + 2]), name) or 0)


def _json(value: object) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


if __name__ == "__main__":
    Partner(int(sys.argv[1])).serve()
