"""A token server and a partner that lets in its tokens: real HTTP on the loopback."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_plus


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        """Keep the test log quiet."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.owner.token if self.path == "/token" else self.server.owner.order
        status, content = answer(self.headers, body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class TokenServer:
    """`requests` holds the form of each token request, `orders` the token of each order."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = []
        self.orders = []
        self.clients = {"us": {"client-secret"}}
        self.lifetime = 3600
        self.delay = 0.0
        self.valid = set()
        self.answer = None
        """Given out instead of a token: (status, body)."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.owner = self
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.base}/token"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)

    def token(self, headers, body):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        with self.lock:
            self.requests.append(form)
            number = len(self.requests)
        time.sleep(self.delay)
        if self.answer is not None:
            return self.answer
        client, secret = self._client(headers, form)
        if secret not in self.clients.get(client, ()):
            return 401, b'{"error": "invalid_client", "error_description": "told-in-confidence"}'
        token = f"token-{number}"
        with self.lock:
            self.valid.add(token)
        grant = {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}
        return 200, json.dumps(grant).encode()

    def order(self, headers, body):
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        with self.lock:
            self.orders.append(token)
            known = token in self.valid
        return (200, b"{}") if known else (401, b"{}")

    @staticmethod
    def _client(headers, form):
        text = headers.get("Authorization", "")
        if not text.startswith("Basic "):
            return form.get("client_id", ""), form.get("client_secret", "")
        client, _colon, secret = base64.b64decode(text[6:]).decode().partition(":")
        return unquote_plus(client), unquote_plus(secret)
