"""A partner that keeps what it takes: each payload with its key, in the order of arrival."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Arrival:
    key: str
    body: Any

    @property
    def documents(self) -> list[dict[str, Any]]:
        return self.body if isinstance(self.body, list) else [self.body]

    @property
    def numbers(self) -> list[str]:
        return [document["number"] for document in self.documents]


class Receiver:
    """Takes everything, after `think` seconds; refuses the documents whose numbers it is given."""

    def __init__(self, think: float = 0.0) -> None:
        self.arrivals: list[Arrival] = []
        self.refused: set[str] = set()
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps(receiver._take(self.headers.get(KEY, ""), body)).encode()
                time.sleep(think)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/orders"

    @property
    def taken(self) -> dict[str, Arrival]:
        """By key; a repetition is the same payload, which the test has to ask."""
        return {arrival.key: arrival for arrival in self.arrivals}

    @property
    def numbers(self) -> list[str]:
        return [number for arrival in self.taken.values() for number in arrival.numbers]

    def _take(self, key: str, body: Any) -> dict[str, Any]:
        arrival = Arrival(key, body)
        with self._lock:
            self.arrivals.append(arrival)
        refused = [
            {"position": place, "status": "rejected"}
            for place, number in enumerate(arrival.numbers, 1)
            if number in self.refused
        ]
        return {"documents": refused} if refused else {}


KEY = "Idempotency-Key"


@contextmanager
def receiving(think: float = 0.0) -> Iterator[Receiver]:
    receiver = Receiver(think)
    thread = threading.Thread(target=receiver._server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver._server.shutdown()
        receiver._server.server_close()
