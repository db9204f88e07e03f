"""A simulated supplier: a real HTTP server that takes orders and acknowledges them later.

``POST [/<account>]/reconcile`` tells which keys it has.
``POST [/<account>]/orders[/<behaviour>]`` takes an order, with options of its own if it is told so
(``/orders/throttle_429?times=1&delay=0.5&retry_after=1&then=mixed``).
``POST [/<account>]/availability`` takes an order as a question and tells in its answer what could
be delivered. ``GET /health``,
``GET /journal?key=…`` and ``GET /received/<key>`` tell what happened, the last one the very bytes;
``PUT /behaviour`` changes the script while it runs. It needs no database and is for tests and
demonstrations: it listens on the loopback address unless told otherwise.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from odoo.addons.interop_transport_http.lib.webhook import SignatureRefused, StandardWebhook

from .behaviours import BEHAVIOURS, JSON, Order, Outcome, Script, problem
from .courier import Courier
from .dialects import DIALECTS
from .journal import Journal
from .server import PartnerServer

REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How a partner is set up. What is not given is not checked (`bearer`, `signing_secrets`)."""

    journal: Path
    host: str = "127.0.0.1"
    port: int = 0
    certificate: Path | None = None  # PEM with the key in it: the partner then speaks https
    account: str = ""  # of orders that come to an address without one
    callback: str | None = None
    callback_secret: bytes | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)
    signing_secrets: tuple[bytes, ...] = field(default=(), repr=False)
    script: Script = Script()


class Partner:
    """The partner's book: which keys it knows, what it answered, and what it still owes."""

    def __init__(self, settings: Settings) -> None:
        BEHAVIOURS.get(settings.script.behaviour)
        self.settings = settings
        self.script = settings.script
        self.journal = Journal(settings.journal)
        self.stopping = threading.Event()
        signer = StandardWebhook([settings.callback_secret]) if settings.callback_secret else None
        self._verifier = (
            StandardWebhook(settings.signing_secrets) if settings.signing_secrets else None
        )
        self._courier = (
            Courier(settings.callback, signer, self.journal) if settings.callback else None
        )
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, int] = OrderedDict()
        self._answered: OrderedDict[str, tuple[str, Outcome]] = OrderedDict()
        self._busy: set[str] = set()
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        address = (settings.host, settings.port)
        self._server = PartnerServer(address, self, settings.certificate)
        self._serving = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        scheme = "https" if self.settings.certificate else "http"
        return f"{scheme}://{host!s}:{port}"

    def start(self) -> Partner:
        self._serving.start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        if self._courier:
            self._courier.stop()
        self.journal.close()

    def received(self, key: str) -> bytes | None:
        """The bytes of the last order with this key."""
        with self._lock:
            return self._bodies.get(key)

    def take(
        self,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        script: Script,
        account: str | None = None,
    ) -> Outcome:
        """One order request: authenticate, recognise repetitions, play the script, journal.
        Names of `headers` are in lower case."""
        key = headers.get("idempotency-key", "").strip('"')
        digest = hashlib.sha256(body).hexdigest()
        facts: dict[str, Any] = {"key": key, "path": path, "bytes": len(body), "sha256": digest}
        # When it had the order and when it was done with it, on the clock of this machine: whether
        # two orders were ever on their way at once can be told from the journal alone.
        facts["began"] = began = time.monotonic()
        refusal = self._authenticate(key, headers, body)
        if refusal:
            self.journal.note("order", **facts, status=refusal.status, behaviour="refused")
            return refusal
        outcome, replayed, tries = self._once(
            key, digest, body, script, account or self.settings.account
        )
        if script.think:
            self.stopping.wait(max(began + script.think - time.monotonic(), 0))
        self.journal.note(
            "order",
            **facts,
            **_reference(body, script),
            ended=time.monotonic(),
            status=outcome.status,
            behaviour=script.behaviour,
            tries=tries,
            replayed=replayed,
        )
        if self._courier and not replayed:
            for acknowledgement in outcome.acknowledgements:
                self._courier.post(acknowledgement)
        return outcome

    def reconcile(self, path: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Which of these keys it has: ``{"keys": […]}`` → ``{"known": […]}``. Names of `headers`
        are in lower case. For senders that lost their own books, after a restore for example."""
        refusal = self._authenticate(headers.get("idempotency-key", "").strip('"'), headers, body)
        asked: Any = None
        if refusal is None:
            try:
                asked = json.loads(body)["keys"]
            except (ValueError, LookupError, TypeError):
                asked = None
            if not isinstance(asked, list) or not all(isinstance(key, str) for key in asked):
                refusal = problem(422, "Unprocessable", "Ask with a list of keys.")
        if refusal:
            self.journal.note("reconcile", path=path, status=refusal.status)
            return refusal
        with self._lock:
            known = [key for key in asked if key in self._answered]
        self.journal.note("reconcile", path=path, status=200, asked=len(asked), known=len(known))
        return Outcome(200, json.dumps({"known": known}).encode(), {"Content-Type": JSON})

    def _authenticate(self, key: str, headers: Mapping[str, str], body: bytes) -> Outcome | None:
        """None if the caller is who it says; the key must be what the signature covers."""
        if self.settings.bearer is not None:
            expected = f"Bearer {self.settings.bearer}".encode()
            given = headers.get("authorization", "").encode("utf-8", "replace")
            if not hmac.compare_digest(expected, given):
                return problem(401, "Unauthorized", "The bearer token is missing or wrong.")
        if not key:
            return problem(400, "Bad request", "The header Idempotency-Key is missing.")
        if self._verifier:
            try:
                signed_id = self._verifier.verify(headers, body, time.time())
            except SignatureRefused:
                return problem(401, "Unauthorized", "The signature is missing or wrong.")
            if signed_id != key:
                return problem(401, "Unauthorized", "webhook-id and Idempotency-Key differ.")
        return None

    def _once(
        self, key: str, digest: str, body: bytes, script: Script, account: str
    ) -> tuple[Outcome, bool, int]:
        """Answer a key that was accepted before with the same answer and no second effect."""
        with self._lock:
            tries = _remember(self._tries, key, self._tries.get(key, 0) + 1)
            _remember(self._bodies, key, body)
            known = self._answered.get(key)
            if known:
                same = known[0] == digest
                return (known[1] if same else _OTHER_BODY), same, tries
            if key in self._busy:
                return _AT_WORK, False, tries
            self._busy.add(key)
        outcome = self._play(key, body, tries, script, account)
        with self._lock:  # one lock: nobody may find the key neither at work nor answered
            self._busy.discard(key)
            if outcome.accepted:
                whole = dataclasses.replace(outcome, manner="whole")
                _remember(self._answered, key, (digest, whole))
        return outcome, False, tries

    def _play(self, key: str, body: bytes, tries: int, script: Script, account: str) -> Outcome:
        try:
            wire = json.loads(body)
        except ValueError:
            return problem(400, "Bad request", "The body is not JSON.")
        order = _spoken(wire, script)
        if not _is_order(order):
            return problem(422, "Unprocessable", "An order has a number and lines with quantities.")
        try:
            received = Order(key, order, tries, script, account, wire)
            return BEHAVIOURS.get(script.behaviour).take(received)
        except (KeyError, TypeError, ValueError):
            return problem(422, "Unprocessable", "A price or a date in the order makes no sense.")


_OTHER_BODY = problem(422, "Unprocessable", "This Idempotency-Key came with another body before.")
_AT_WORK = problem(409, "Conflict", "A request with this Idempotency-Key is being worked on.")


V = TypeVar("V")


def _remember(book: OrderedDict[str, V], key: str, value: V) -> V:
    book[key] = value
    book.move_to_end(key)
    while len(book) > REMEMBERED:
        book.popitem(last=False)
    return value


def _spoken(wire: Any, script: Script) -> Any:
    """The order behind the partner's dialect; None if it is not written in it."""
    try:
        return DIALECTS.get(script.dialect).order_of(wire)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _reference(body: bytes, script: Script) -> dict[str, Any]:
    """Number and revision of an order, by which it is known on both sides."""
    try:
        order = _spoken(json.loads(body), script)
    except ValueError:
        return {}
    names = ("number", "revision")
    return {n: order[n] for n in names if n in order} if isinstance(order, dict) else {}


def _is_order(order: Any) -> bool:
    return (
        isinstance(order, dict)
        and "number" in order
        and isinstance(order.get("lines"), list)
        and all(
            isinstance(line, dict)
            and "line_number" in line
            and isinstance(line.get("quantity"), int | float)
            for line in order["lines"]
        )
    )
