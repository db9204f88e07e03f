"""A partner that notes every request that reaches it, of whatever kind, and believes everybody."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    key: str
    status: int

    @property
    def is_order(self) -> bool:
        return bool(self.key) and self.path != "/token"


class Recorder:
    """Orders go to ``/orders``; ``/later`` answers 503 while `is_down`; ``/token`` grants some."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.is_down = False
        self.connections = 0
        self._lock = threading.Lock()
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def setup(self) -> None:
                # A probe may only connect: that counts, too.
                with recorder._lock:
                    recorder.connections += 1
                super().setup()

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer()

            do_HEAD = do_PUT = do_OPTIONS = do_PATCH = do_POST

            def _answer(self) -> None:
                status = 503 if recorder.is_down and self.path.startswith("/later") else 200
                recorder._note(Request(self.command, self.path, self.headers.get(KEY, ""), status))
                token = {"access_token": "t", "token_type": "Bearer", "expires_in": 3600}
                body = json.dumps(token if self.path == "/token" else {}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """What came stands in `requests`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _note(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)

    def taken(self) -> Counter[str]:
        """How often each key was taken."""
        with self._lock:
            return Counter(
                r.key.strip('"') for r in self.requests if r.is_order and r.status == 200
            )

    def others(self) -> Counter[str]:
        """Requests that are no orders, by method and path."""
        with self._lock:
            return Counter(f"{r.method} {r.path}" for r in self.requests if not r.is_order)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


KEY = "Idempotency-Key"
