"""What the journeys use to look at the running suite: people, the partner, signed deliveries.

Everything goes through doors that the outside has: Odoo's external API, the inbound endpoint, and
the sandbox partner's own journal.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import time
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

import story_api

Refused = story_api.Refused
T = TypeVar("T")
Record = dict[str, Any]

SUPPLIER = "Meridian Medical Supply"
COMPANIES = {"nmc": "Northfield Medical Center", "nd": "Northfield Diagnostics"}
BASKET = (("GLOVE-NIT-M", 40), ("SYR-LL-10", 25), ("REAG-TROP-I", 6))
TEST_NOTE = "Bed 14 of Mrs. Abernathy is waiting"


def until(look: Callable[[], T | None], seconds: float = 60, what: str = "it") -> T:
    """What `look` finds; fails if it finds nothing in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.1)
    return found


# What the tests look at. Reading all fields of a record would ask for rights that nobody has.
FIELDS = {
    "interop.message": """uuid state direction document_type business_key failure_class failure
        attempts answers_id interchange_id res_id""".split(),
    "interop.attempt": "number outcome status failure_class duration_ms".split(),
    "interop.exception": "name kind state area_id amount failure_class message_uuid".split(),
    "interop.exception.fact": "label path ours theirs difference hidden".split(),
    "purchase.order": """name state interop_state interop_revision interop_acknowledged_at
        interop_supplier_reference""".split(),
    "purchase.order.line": """product_qty price_unit interop_line_number interop_status
        interop_accepted_qty interop_backordered_qty interop_promised_date""".split(),
}


class Person(story_api.Person):
    """One user, through Odoo's external API. What is refused raises `Refused`."""

    def look(self, model: str, domain: Sequence[Any], names: Sequence[str] = ()) -> list[Record]:
        return super().look(model, domain, names or FIELDS.get(model, ["display_name"]))

    def one(self, model: str, domain: Sequence[Any], names: Sequence[str] = ()) -> Record:
        return super().one(model, domain, names)

    def count(self, model: str, *domain: Any) -> int:
        return int(self.call(model, "search_count", domain=list(domain)))


@dataclass
class Partner:
    """The sandbox partner, over its own addresses."""

    url: str

    def script(self, **changes: Any) -> None:
        request = urllib.request.Request(
            f"{self.url}/behaviour", json.dumps(changes).encode(), method="PUT"
        )
        urllib.request.urlopen(request, timeout=10).close()

    def journal(self, key: str, what: str = "order") -> list[Record]:
        with urllib.request.urlopen(f"{self.url}/journal?key={key}", timeout=10) as answer:
            return [line for line in json.load(answer)["lines"] if line["what"] == what]

    def received(self, key: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}/received/{key}", timeout=10) as answer:
            return answer.read()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Mailbox:
    """Our inbound endpoint as the partner sees it. `secret` signs (text form whsec_…)."""

    url: str
    secret: str = field(repr=False)
    path: str = "/interop/v1/in/meridian-nmc/nmc-order-answers"

    def signature(self, webhook_id: str, timestamp: int, body: bytes) -> str:
        """Written from the text of Standard Webhooks: our own code is not its own judge."""
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{webhook_id}.{timestamp}.".encode() + body
        return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

    def signed(self, body: bytes, webhook_id: str | None = None, age: float = 0) -> dict[str, str]:
        webhook_id = webhook_id or f"test-{uuid.uuid4()}"
        timestamp = int(time.time() - age)
        return {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": self.signature(webhook_id, timestamp, body),
        }

    def post(
        self, body: bytes, headers: dict[str, str], path: str | None = None, source: str = ""
    ) -> Answer:
        """Post from the address `source`, if it is told: all of 127.0.0.0/8 are this machine."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            address.hostname,
            address.port,
            timeout=60,
            source_address=(source, 0) if source else None,
        )
        try:
            # A body that is refused unread may not even be sent to its end.
            with contextlib.suppress(BrokenPipeError):
                connection.request("POST", path or self.path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read())
        finally:
            connection.close()

    def insist(
        self, body: bytes, headers: dict[str, str], tries: int = 20, source: str = ""
    ) -> Answer:
        """Post as a partner does: again, unchanged, when no connection comes about. Odoo's prefork
        server lets 8 connections per worker wait; the kernel turns the others away."""
        while True:
            try:
                return self.post(body, headers, source=source)
            except ConnectionError:
                tries -= 1
                if not tries:
                    raise
                time.sleep(0.2)

    def deliver(self, document: Any, webhook_id: str | None = None) -> Answer:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.post(body, self.signed(body, webhook_id))


@dataclass
class Demo:
    """The demo world in a running Odoo, with its partner, as its people see it."""

    url: str
    database: str
    partner: Partner
    mailbox: Mailbox
    keys: dict[str, str] = field(repr=False)

    def person(self, login: str) -> Person:
        return Person(self.url, self.database, login, self.keys[login])

    @cached_property
    def buyer(self) -> Person:
        return self.person("buyer")

    @cached_property
    def operator(self) -> Person:
        return self.person("operator")

    @cached_property
    def finance(self) -> Person:
        return self.person("finance")

    @cached_property
    def products(self) -> dict[str, int]:
        found = self.buyer.look(
            "product.product", [("default_code", "!=", False)], ["default_code"]
        )
        return {product["default_code"]: product["id"] for product in found}

    def draft(self, company: str = "nmc", **values: Any) -> int:
        """A purchase order that is not confirmed yet."""
        company_id = self.buyer.one("res.company", [("name", "=", COMPANIES[company])])["id"]
        supplier = self.buyer.one("res.partner", [("name", "=", SUPPLIER)])["id"]
        lines = [
            (0, 0, {"product_id": self.products[code], "product_qty": quantity})
            for code, quantity in BASKET
        ]
        vals = {"partner_id": supplier, "company_id": company_id, "order_line": lines} | values
        [order_id] = self.buyer.call(
            "purchase.order",
            "create",
            vals_list=[vals],
            context={"allowed_company_ids": [company_id]},
        )
        return int(order_id)

    def confirm(self, *order_ids: int) -> None:
        self.buyer.call("purchase.order", "button_confirm", ids=list(order_ids))

    def order(self, order_id: int) -> Record:
        return self.buyer.one("purchase.order", [("id", "=", order_id)])

    def messages(self, order_id: int, *domain: Any) -> list[Record]:
        about = [("res_model", "=", "purchase.order"), ("res_id", "=", order_id)]
        return self.operator.look("interop.message", [*about, *domain])

    def sent_order(self, company: str = "nmc", **values: Any) -> tuple[int, Record]:
        """A confirmed order and its outbound message, as soon as the partner has it."""
        order_id = self.draft(company, **values)
        self.confirm(order_id)
        return order_id, self.settled(order_id)

    def settled(
        self, order_id: int, *states: str, seconds: float = 60, direction: str = "out"
    ) -> Record:
        """The order's message once it is in one of `states` (sent or done unless told)."""
        wanted = states or ("sent", "done")
        domain = [("direction", "=", direction), ("state", "in", wanted)]
        what = f"a message about order {order_id} that is {' or '.join(wanted)}"
        return until(lambda: self.messages(order_id, *domain), seconds, what)[0]

    def message(self, message_uuid: str, *states: str, seconds: float = 60) -> Record:
        wanted = states or ("done", "dead")
        domain = [("uuid", "=", message_uuid), ("state", "in", wanted)]
        return until(
            lambda: self.operator.look("interop.message", domain),
            seconds,
            f"message {message_uuid} in state {' or '.join(wanted)}",
        )[0]

    def exceptions(self, person: Person, *domain: Any) -> list[Record]:
        return person.look("interop.exception", domain)

    def acknowledgement(self, order_id: int, **changes: Any) -> Record:
        """A document that accepts the whole order as it is."""
        order = self.order(order_id)
        lines = self.buyer.look("purchase.order.line", [("order_id", "=", order_id)])
        return {
            "order_number": order["name"],
            "order_revision": order["interop_revision"],
            "acknowledged_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "supplier_reference": "SO-TEST",
            "status": "accepted",
            "lines": [
                {
                    "line_number": line["interop_line_number"],
                    "status": "accepted",
                    "quantity_accepted": line["product_qty"],
                }
                for line in lines
            ],
        } | changes


def read_content(reader: Person, message: Record, kind: str = "payload") -> str:
    """Through the dialog that a reader uses, with a reason and the password. It shows text.

    The password of the demo's people is their login.
    """
    model = "interop.content.reading"
    view = "policy" if kind == "document" else "clear"
    values = {"message_id": message["id"], "kind": kind, "view": view, "reason_code": "failure"}
    [reading] = reader.call(model, "create", vals_list=[values])
    asked = reader.call(model, "action_read", ids=[reading])
    if asked["res_model"] == "res.users.identitycheck":
        ids, context = [asked["res_id"]], {"password": reader.login}
        reader.call(asked["res_model"], "run_check", ids=ids, context=context)
    return reader.one(model, [("id", "=", reading)], ["content"])["content"]


def as_shown(raw: bytes) -> str:
    """JSON is shown indented, what is no JSON with its odd bytes escaped."""
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except ValueError:
        return raw.decode(errors="backslashreplace")
