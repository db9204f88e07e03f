"""One address for a prefork Odoo: `/websocket` goes to its event worker, all else to the others.

In production a web server does this; without it the web client gets no notifications and Odoo's
log an error each time the client asks for them. Called as a process of its own:

    python -m interop_setup.front PORT HTTP_PORT EVENTS_PORT
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

_HOST = "127.0.0.1"
_LONGEST_HEAD = 64 * 1024
_UNREACHABLE = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Front:
    """Passes connections on. The first line of a connection decides where it goes: Odoo's HTTP
    workers close theirs after one answer, and a websocket has one of its own."""

    def __init__(self, http: int, events: int) -> None:
        self._http = http
        self._events = events

    async def serve(self, port: int) -> None:
        """Listen until the process ends."""
        server = await asyncio.start_server(self._pass_on, _HOST, port, limit=_LONGEST_HEAD)
        async with server:
            await server.serve_forever()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            line = await reader.readuntil(b"\r\n")
            port = self._events if b" /websocket" in line else self._http
            try:
                answer, onward = await asyncio.open_connection(_HOST, port)
            except OSError:
                writer.write(_UNREACHABLE)
            else:
                onward.write(line)
                await asyncio.gather(_copy(reader, onward), _copy(answer, writer))
        writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await source.read(65536):
            target.write(block)
            await target.drain()
        target.write_eof()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(Front(int(sys.argv[2]), int(sys.argv[3])).serve(int(sys.argv[1])))
