"""The story that `./setup/demo` tells: a purchase order goes out and its answer comes back.

It drives a running Odoo and a running sandbox partner from outside, through Odoo's external API
and the partner's own journal, and prints what it reads there: nothing in it is prepared text but
the words between the facts. It ends with 1 and one clear line if a step does not happen in time.

    python story.py --url http://127.0.0.1:8069 --database demo \
        --partner http://127.0.0.1:8199 --world world.json

`world.json` holds what `odoo interop_sandbox_setup` printed: the people's keys to the API.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from story_api import DidNotHappen, Person, Record, Teller, first_line, money, name

SUPPLIER_GLN = "9522000000015"
COMPANY = "Northfield Medical Center"
BASKET = (("GLOVE-NIT-M", 40), ("SYR-LL-10", 25), ("REAG-TROP-I", 6))

T = TypeVar("T")


@dataclass
class Story:
    url: str
    database: str
    partner: str
    patience: float
    keys: dict[str, str]
    teller: Teller = field(default_factory=Teller)

    def tell(self) -> None:
        buyer = self._person("buyer")
        operator = self._person("operator")
        finance = self._person("finance")
        order = self._order(buyer)
        sent = self._leaves(operator, order)
        answer = self._comes_back(operator, sent)
        self._order_shows_it(buyer, order)
        self._waits_for_finance(finance, order)
        total = time.monotonic() - self.teller.started
        print(
            f"\n  From the confirmed order to the decision on a desk: {total:.1f} s, "
            f"message {sent['uuid']}, answer {answer['uuid']}.",
            flush=True,
        )

    def _person(self, login: str) -> Person:
        if login not in self.keys:
            raise DidNotHappen(f"There is no key for {login}; run interop_sandbox_setup again.")
        return Person(self.url, self.database, login, self.keys[login])

    def _order(self, buyer: Person) -> Record:
        company = buyer.one("res.company", [("name", "=", COMPANY)], ["name"])
        supplier = buyer.one(
            "res.partner", [("global_location_number", "=", SUPPLIER_GLN)], ["name"]
        )
        products = {
            product["default_code"]: product["id"]
            for product in buyer.look(
                "product.product",
                [("default_code", "in", [code for code, _quantity in BASKET])],
                ["default_code"],
            )
        }
        lines = [
            (0, 0, {"product_id": products[code], "product_qty": quantity})
            for code, quantity in BASKET
        ]
        values = {"partner_id": supplier["id"], "company_id": company["id"], "order_line": lines}
        context = {"allowed_company_ids": [company["id"]]}
        order_id = buyer.call("purchase.order", "create", vals_list=[values], context=context)[0]
        self.teller.started = time.monotonic()
        buyer.call("purchase.order", "button_confirm", ids=[order_id], context=context)
        order = buyer.one(
            "purchase.order",
            [("id", "=", order_id)],
            ["name", "state", "amount_total", "currency_id", "order_line"],
        )
        if order["state"] != "purchase":
            raise DidNotHappen(f"Order {order['name']} is in state {order['state']}.")
        self.teller.step(
            f"{buyer.login} confirms order {order['name']} to {supplier['name']}",
            *self._order_lines(buyer, order),
            f"in all {money(order['amount_total'], order['currency_id'])}",
        )
        return order

    def _order_lines(self, buyer: Person, order: Record) -> list[str]:
        names = ["name", "product_qty", "price_unit", "interop_line_number"]
        lines = buyer.look("purchase.order.line", [("order_id", "=", order["id"])], names)
        return [
            f"line {line['interop_line_number'] or '-'}: {line['product_qty']:g} × "
            f"{first_line(line['name'])} at {line['price_unit']:.2f}"
            for line in lines
        ]

    def _leaves(self, operator: Person, order: Record) -> Record:
        about = [("res_model", "=", "purchase.order"), ("res_id", "=", order["id"])]
        outgoing = [*about, ("direction", "=", "out")]
        names = ["uuid", "state", "document_type", "flow_id", "version_id", "failure"]
        message = self._wait(
            f"a message for {order['name']}",
            lambda: next(iter(operator.look("interop.message", outgoing, names)), None),
        )
        self.teller.step(
            f"The confirmation left a message: {message['uuid']}",
            f"{message['document_type']} by flow {name(message['flow_id'])}",
        )
        sent = self._wait_for_message(operator, message, names, ("sent", "done"))
        attempts = operator.look(
            "interop.attempt",
            [("message_id", "=", message["id"])],
            ["number", "outcome", "status", "duration_ms"],
        )
        self.teller.step(
            f"Odoo sent it to the partner: state {sent['state']}",
            f"as published in {name(sent['version_id'])}",
            *(
                f"attempt {attempt['number']}: {attempt['outcome']}, "
                f"HTTP {attempt['status']} in {attempt['duration_ms']:.0f} ms"
                for attempt in attempts
            ),
        )
        key = message["uuid"]
        [line, *_more] = self._wait(
            f"key {key} in the partner's journal", lambda: self._journal(key, "order")
        )
        self.teller.step(
            "The partner's journal has it",
            f"key {line['key']} — the message's own id — {line['bytes']} bytes, "
            f"answered {line['status']} at {line['ts']}",
        )
        return sent

    def _comes_back(self, operator: Person, sent: Record) -> Record:
        names = ["uuid", "state", "document_type", "interchange_id", "failure"]
        answers = [("answers_id", "=", sent["id"])]
        answer = self._wait(
            f"the partner's answer to {sent['uuid']}",
            lambda: next(iter(operator.look("interop.message", answers, names)), None),
        )
        answer = self._wait_for_message(operator, answer, names, ("done",))
        calls = self._wait(
            "the callback in the partner's journal", lambda: self._journal(sent["uuid"], "callback")
        )
        self.teller.step(
            f"The acknowledgement came in: message {answer['uuid']}",
            f"{answer['document_type']}, {calls[-1]['bytes']} signed bytes as "
            f"{calls[-1]['webhook_id']}, answered {calls[-1]['status']} "
            f"in {calls[-1]['ms']:.0f} ms; applied: {answer['state']}",
        )
        return answer

    def _order_shows_it(self, buyer: Person, order: Record) -> None:
        names = ["interop_state", "interop_supplier_reference", "interop_acknowledged_at"]
        shown = self._wait(
            f"the acknowledgement on order {order['name']}",
            lambda: next(
                (
                    found
                    for found in buyer.look("purchase.order", [("id", "=", order["id"])], names)
                    if found["interop_acknowledged_at"]
                ),
                None,
            ),
        )
        line_names = [
            "interop_line_number",
            "interop_status",
            "interop_accepted_qty",
            "interop_backordered_qty",
            "interop_promised_date",
            "interop_backorder_date",
            "price_unit",
        ]
        lines = buyer.look("purchase.order.line", [("order_id", "=", order["id"])], line_names)
        self.teller.step(
            f"Order {order['name']} shows it: {shown['interop_state']}, "
            f"supplier's number {shown['interop_supplier_reference']}",
            *(
                f"line {line['interop_line_number']}: {line['interop_status']}, "
                f"{line['interop_accepted_qty']:g} accepted, "
                f"{line['interop_backordered_qty']:g} back-ordered, promised for "
                f"{line['interop_promised_date'] or line['interop_backorder_date'] or 'no day'}, "
                f"our price still {line['price_unit']:.2f}"
                for line in lines
            ),
        )

    def _waits_for_finance(self, finance: Person, order: Record) -> None:
        about = [
            ("res_model", "=", "purchase.order"),
            ("res_id", "=", order["id"]),
            ("kind", "=", "difference"),
            ("amount", ">", 0),
        ]
        names = ["name", "amount", "currency_id", "due_at", "area_id", "state"]
        found = self._wait(
            f"a price difference of {order['name']} before {finance.login}",
            lambda: self._with_price(finance, finance.look("interop.exception", about, names)),
        )
        exception, facts = found
        self.teller.step(
            f"{finance.login} finds it in the exception queue ({name(exception['area_id'])}, "
            f"{exception['state']}, due {exception['due_at']} UTC)",
            exception["name"],
            *(
                f"{fact['label']}: ours {fact['ours']}, theirs {fact['theirs']}"
                + (f", difference {fact['difference']}" if fact["difference"] else "")
                for fact in facts
            ),
            f"money at stake: {money(exception['amount'], exception['currency_id'])}",
        )

    def _with_price(
        self, finance: Person, exceptions: list[Record]
    ) -> tuple[Record, list[Record]] | None:
        for exception in exceptions:
            facts = finance.look(
                "interop.exception.fact",
                [("exception_id", "=", exception["id"])],
                ["label", "path", "ours", "theirs", "difference"],
            )
            if any("price" in (fact["path"] or "") for fact in facts):
                return exception, facts
        return None

    def _wait_for_message(
        self, operator: Person, message: Record, names: Sequence[str], states: Sequence[str]
    ) -> Record:
        """Wait until the message is in one of `states`; say why if it died instead."""

        last = message

        def arrived() -> Record | None:
            nonlocal last
            last = operator.one("interop.message", [("id", "=", message["id"])], names)
            if last["state"] in ("dead", "cancelled"):
                raise DidNotHappen(f"Message {last['uuid']} is {last['state']}: {last['failure']}")
            return last if last["state"] in states else None

        try:
            return self._wait(f"message {message['uuid']} to be {' or '.join(states)}", arrived)
        except DidNotHappen as late:
            if last["state"] in ("dead", "cancelled"):
                raise
            why = f" Last failure: {last['failure']}" if last["failure"] else ""
            raise DidNotHappen(f"{late} It is {last['state']}.{why}") from late

    def _journal(self, key: str, what: str) -> list[Record]:
        try:
            with urllib.request.urlopen(f"{self.partner}/journal?key={key}", timeout=10) as answer:
                lines = json.load(answer)["lines"]
        except (urllib.error.URLError, http.client.HTTPException) as error:
            raise DidNotHappen(f"The partner at {self.partner} does not answer: {error}") from error
        return [line for line in lines if line["what"] == what and 200 <= line["status"] < 300]

    def _wait(self, what: str, look: Callable[[], T | None]) -> T:
        deadline = time.monotonic() + self.patience
        while not (found := look()):
            if time.monotonic() > deadline:
                raise DidNotHappen(f"Waited {self.patience:g} s in vain for {what}.")
            time.sleep(0.1)
        return found


def tell(
    url: str, database: str, partner: str, keys: dict[str, str], *, patience: float = 60
) -> None:
    """Run the story; raises DidNotHappen with one clear line. `keys`: API keys by login."""
    Story(url.rstrip("/"), database, partner.rstrip("/"), patience, keys).tell()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", required=True, help="address of the running Odoo")
    parser.add_argument("--database", required=True)
    parser.add_argument("--partner", required=True, help="address of the sandbox partner")
    parser.add_argument("--world", required=True, help="file with what interop_sandbox_setup told")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for each step")
    options = parser.parse_args(arguments)
    try:
        with open(options.world, encoding="utf-8") as file:
            keys = json.load(file)["keys"]
        tell(options.url, options.database, options.partner, keys, patience=options.patience)
    except (DidNotHappen, OSError, ValueError, KeyError) as reason:
        print(f"\n  The story stopped: {reason}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
