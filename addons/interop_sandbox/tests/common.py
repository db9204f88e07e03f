import base64
import hashlib
import hmac
import http.client
import json
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from odoo.tests import BaseCase

from ..lib.behaviours import Script
from ..lib.partner import Partner, Settings

BEARER = "a-token-of-the-tests"
SIGNING_KEY = b"orders are signed with this key."
CALLBACK_KEY = b"answers are signed with this one"

ORDER = {
    "number": "P00042",
    "revision": 1,
    "currency": "USD",
    "requested_date": "2030-05-10",
    "lines": [
        {
            "line_number": number,
            "quantity": 5,
            "unit_price": {"amount": 12.5, "currency": "USD"},
        }
        for number in (10, 20, 30)
    ],
}


def signature(key, webhook_id, timestamp, body):
    """Written from the text of Standard Webhooks, so that our own code is not its own judge."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def until(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("It did not happen in time")
        time.sleep(0.01)
    return result


class Receiver:
    """Stands where Odoo's inbound endpoint would: keeps what it gets, answers as it is told."""

    def __init__(self, *statuses):
        receiver = self
        self.calls = []
        self.paths = []
        self.statuses = list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.paths.append(self.path)
                receiver.calls.append((dict(self.headers), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 202)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class PartnerCase(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.journal = Path(folder.name) / "journal.jsonl"

    def start(self, *, receiver=None, behaviour="accept", delay=0.02, **settings):
        partner = Partner(
            Settings(
                journal=self.journal,
                callback_secret=CALLBACK_KEY if receiver else None,
                script=Script(behaviour, delay),
                **{"callback": receiver and receiver.url, **settings},
            )
        ).start()
        self.addCleanup(partner.stop)
        return partner

    def receiver(self, *statuses):
        receiver = Receiver(*statuses)
        self.addCleanup(receiver.stop)
        return receiver

    @contextmanager
    def connection(self, partner, timeout=5):
        address = partner.url.removeprefix("http://")
        connection = http.client.HTTPConnection(address, timeout=timeout)
        try:
            yield connection
        finally:
            connection.close()

    def post(self, partner, path="/orders", *, key="key-1", body=None, headers=(), timeout=5):
        """Returns the status, the headers and the body of the answer."""
        body = ORDER if body is None else body
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Idempotency-Key": key} if key else {}
        with self.connection(partner, timeout) as connection:
            connection.request("POST", path, raw, sent | dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def journalled(self, what="order"):
        lines = [json.loads(line) for line in self.journal.read_text().splitlines()]
        return [line for line in lines if line["what"] == what]
