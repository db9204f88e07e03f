"""The partner's addresses: HTTP in, the partner's book (``partner.py``) behind it."""

from __future__ import annotations

import dataclasses
import json
import re
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .behaviours import JSON, Outcome, problem, scripted
from .manners import MANNERS

if TYPE_CHECKING:
    from .partner import Partner

MAX_BODY = 10 * 1024 * 1024

_ORDERS = re.compile(r"(/(?P<account>[a-z0-9-]{1,40}))?/orders(/(?P<behaviour>[a-z0-9_]+))?/?")

# Asked, and answered in the same exchange.
_AVAILABILITY = re.compile(r"(/(?P<account>[a-z0-9-]{1,40}))?/availability/?")

_RECONCILE = re.compile(r"(/[a-z0-9-]{1,40})?/reconcile/?")


class PartnerServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(
        self, address: tuple[str, int], partner: Partner, certificate: Path | None = None
    ) -> None:
        self.partner = partner
        super().__init__(address, _Handler)
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            # The handshake is made by the connection's own thread: nobody can hold up the others.
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up, or does not trust our certificate, need not fill the console."""
        if isinstance(sys.exception(), OSError):
            return None
        return super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SandboxPartner"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60
    server: PartnerServer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        partner = self.server.partner
        if url.path == "/health":
            self._tell({"status": "ok", "behaviour": partner.script.behaviour})
        elif url.path == "/journal":
            key = dict(parse_qsl(url.query)).get("key")
            self._tell({"lines": partner.journal.lines(key)})
        elif url.path.startswith("/received/"):
            body = partner.received(unquote(url.path.removeprefix("/received/")))
            found = Outcome(200, body, {"Content-Type": JSON}) if body is not None else _NOTHING
            self._answer(found)
        else:
            self._answer(_NOTHING)

    def do_PUT(self) -> None:
        body = self._body()
        if body is None:
            return
        if urlsplit(self.path).path != "/behaviour":
            return self._answer(_NOTHING)
        partner = self.server.partner
        try:
            partner.script = scripted(partner.script, json.loads(body))
        except (ValueError, TypeError) as error:
            return self._answer(problem(422, "Unprocessable", str(error)))
        self._tell(dataclasses.asdict(partner.script))

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        url = urlsplit(self.path)
        partner = self.server.partner
        headers = {name.lower(): value for name, value in self.headers.items()}
        if _RECONCILE.fullmatch(url.path):
            return self._answer(partner.reconcile(self.path, headers, body))
        changes = dict(parse_qsl(url.query))
        place = _ORDERS.fullmatch(url.path)
        if place and place["behaviour"]:
            changes["behaviour"] = place["behaviour"]
        if not place and (place := _AVAILABILITY.fullmatch(url.path)):
            changes = {"behaviour": "tell"} | changes
        if not place:
            return self._answer(_NOTHING)
        try:
            script = scripted(partner.script, changes)
        except ValueError:
            return self._answer(_NOTHING)
        self._answer(partner.take(self.path, headers, body, script, place["account"]))

    def _body(self) -> bytes | None:
        declared = self.headers.get("Content-Length", "")
        if not declared.isdigit():
            self.close_connection = True
            self._answer(problem(411, "Length required", "Send a Content-Length."))
            return None
        if int(declared) > MAX_BODY:
            self.close_connection = True
            self._answer(problem(413, "Too large", f"At most {MAX_BODY} bytes."))
            return None
        body = self.rfile.read(int(declared))
        if len(body) < int(declared):  # the other side died in the middle: there is no request
            self.close_connection = True
            return None
        return body

    def _tell(self, document: dict[str, Any]) -> None:
        self._answer(Outcome(200, json.dumps(document).encode(), {"Content-Type": JSON}))

    def _answer(self, outcome: Outcome) -> None:
        MANNERS.get(outcome.manner)(self, outcome)

    def log_message(self, format: str, *args: Any) -> None:
        """The journal tells what happened; nothing goes to the console."""


_NOTHING = problem(404, "Not found", "There is nothing at this address.")
