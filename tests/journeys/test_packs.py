"""A supplier with manners of its own, set up from a pack: order and answer in its dialect."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from interop_setup.processes import free_port
from journey import Demo, Mailbox, Partner
from running import running_partner

PREFIX = "nordwind-nmc"
SUPPLIER = "Nordwind Medical"
# Our product, quantity, unit, price of the unit. The partner plays “mixed”: accepts the first line,
# back-orders the second, makes the third dearer.
LINES = (
    ("GLOVE-NIT-M", 500, "EA", 0.065),
    ("SYR-LL-10", 5, "DZN", 4.2),
    ("TUBE-EDTA-3", 4, "DZN", 11.75),
)


@dataclass
class Nordwind:
    demo: Demo
    admin: Any
    partner_id: int
    connector_id: int
    partner: Partner

    @property
    def manager(self) -> Any:
        return self.demo.person("manager")

    def order(self) -> int:
        company = self.demo.buyer.one("res.company", [("name", "=", "Northfield Medical Center")])
        codes = ["interop_unece_code"]
        units = {u[codes[0]]: u["id"] for u in self.admin.look("uom.uom", [], codes)}
        lines = [
            {
                "product_id": self.demo.products[code],
                "product_qty": quantity,
                "product_uom_id": units[unit],
                "price_unit": price,
            }
            for code, quantity, unit, price in LINES
        ]
        vals = {
            "partner_id": self.partner_id,
            "company_id": company["id"],
            "order_line": [(0, 0, line) for line in lines],
        }
        [order_id] = self.demo.buyer.call(
            "purchase.order",
            "create",
            vals_list=[vals],
            context={"allowed_company_ids": [company["id"]]},
        )
        self.demo.confirm(order_id)
        return int(order_id)


def supplier(admin: Any) -> int:
    """A supplier that knows our products by numbers of its own."""
    partner_id = admin.call("res.partner", "create", {"name": SUPPLIER, "is_company": True})
    # Odoo brings dozens along, but archived.
    dozens = admin.call(
        "uom.uom", "search", [("interop_unece_code", "=", "DZN"), ("active", "=", False)]
    )
    admin.call("uom.uom", "write", dozens, {"active": True})
    for number, (code, *_rest) in enumerate(LINES, 1):
        [product] = admin.look(
            "product.product", [("default_code", "=", code)], ["product_tmpl_id"]
        )
        values = {
            "partner_id": partner_id,
            "product_tmpl_id": product["product_tmpl_id"][0],
            "product_code": f"NW-{number}00",
            "company_id": False,
        }
        admin.call("product.supplierinfo", "create", values)
    return int(partner_id)


def set_up(demo: Demo, admin: Any, partner_id: int, url: str, secrets: dict[str, str]) -> int:
    """What a manager does: the wizard, the secrets, publishing, activating."""
    manager = demo.person("manager")
    pack = manager.one("interop.pack", [("code", "=", "nordwind_dialect")])
    company = manager.one("res.company", [("name", "=", "Northfield Medical Center")])
    area = manager.one("interop.area", [("code", "=", "purchasing")])
    [service] = admin.call(
        "res.users",
        "search",
        [("login", "=", "interop-purchasing-service"), ("active", "=", False)],
    )
    known = manager.one("interop.connector", [("code", "=", "meridian-nmc")], ["environment"])
    values = {
        "pack_id": pack["id"],
        "partner_id": partner_id,
        "company_id": company["id"],
        "area_id": area["id"],
        "service_user_id": service,
        "environment": known["environment"],
        "prefix": PREFIX,
    }
    [wizard] = manager.call("interop.pack.adding", "create", vals_list=[values])
    given = {"url": f"{url}/orders", "account": "K-4711", "hours": "12"}
    for answer in manager.look(
        "interop.pack.adding.answer", [("adding_id", "=", wizard)], ["code"]
    ):
        if answer["code"] in given:
            manager.call(
                "interop.pack.adding.answer",
                "write",
                ids=[answer["id"]],
                vals={"value": given[answer["code"]]},
            )
    made = manager.call("interop.pack.adding", "action_make", ids=[wizard])
    connector_id = made["res_id"]
    names = ("auth_secret_id", "signing_secret_id", "inbound_secret_id")
    connector = manager.one("interop.connector", [("id", "=", connector_id)], ["state", *names])
    assert connector["state"] == "draft"
    for name, value in zip(names, ("bearer", "signing", "callback"), strict=True):
        manager.call(
            "interop.vault.secret",
            "write",
            ids=[connector[name][0]],
            vals={"value": secrets[value]},
        )
    flows = manager.look("interop.flow", [("connector_id", "=", connector_id)], ["state"])
    assert [flow["state"] for flow in flows] == ["draft", "draft"]
    manager.call("interop.flow", "action_publish", ids=[flow["id"] for flow in flows])
    manager.call("interop.connector", "action_activate", ids=[connector_id])
    return int(connector_id)


@pytest.fixture(scope="module")
def nordwind(running_demo, server, world, odoo_server, tmp_path_factory):
    demo, admin = running_demo, odoo_server.rpc()
    secrets = json.loads(world.secrets.read_text())
    theirs = replace(world, port=free_port())
    answers = f"{odoo_server.url}/interop/v1/in/{PREFIX}/{PREFIX}-order-answers"
    words = ("--callback", answers, "--dialect", "nordwind", "--delay", "0.2")
    with running_partner(server, theirs, odoo_server.url, *words) as running:
        partner_id = supplier(admin)
        connector_id = set_up(demo, admin, partner_id, running.url, secrets)
        yield Nordwind(demo, admin, partner_id, connector_id, Partner(running.url))


def test_an_order_goes_out_in_the_dialect_and_its_answer_comes_back_in_our_units(nordwind):
    demo = nordwind.demo
    order_id = nordwind.order()
    sent = demo.settled(order_id, "sent", "done", "dead")
    assert sent["state"] != "dead", sent["failure"]
    shown = json.loads(nordwind.partner.received(sent["uuid"]))["Beleg"]
    assert shown["Kopf"]["BelegNr"] == demo.order(order_id)["name"]
    assert shown["Partner"]["Besteller"]["Kundennummer"] == "K-4711"
    pieces, dozens, _third = shown["Positionen"]["Position"]
    assert pieces["Artikel"]["LiefArtNr"] == "NW-100"
    assert pieces["Preis"] == {"Betrag": "6,5000", "Je": "100"}
    assert dozens["Menge"] == {
        "Anzahl": "60,000",
        "Einheit": "STK",
        "Gebinde": {"Art": "DTZ", "Inhalt": "12"},
    }
    assert dozens["SteuerKz"] == "V9"  # what the question about other taxes was answered with
    assert dozens["Preis"] == {"Betrag": "4,2000", "Je": "12"}

    answered = demo.settled(order_id, "done", direction="out")
    assert answered["uuid"] == sent["uuid"]
    lines = demo.buyer.look("purchase.order.line", [("order_id", "=", order_id)])
    assert [(line["interop_status"], line["interop_accepted_qty"]) for line in lines] == [
        ("accepted", 500),
        ("backordered", 0),
        ("changed", 4),
    ]
    assert lines[1]["interop_backordered_qty"] == 5
    order = demo.order(order_id)
    found = demo.exceptions(
        demo.person("manager"), ("message_uuid", "!=", False), ("name", "ilike", order["name"])
    )
    [price] = [each for each in found if "another price" in each["name"]]
    # Eight per cent of 11.75 a dozen, on four dozens.
    assert price["amount"] == pytest.approx(3.76)


def test_a_unit_that_nobody_mapped_is_told_with_row_and_crosswalk(nordwind):
    demo = nordwind.demo
    order_id = nordwind.order()
    demo.settled(order_id)
    name = demo.order(order_id)["name"]
    line = {
        "PosNr": "000010",
        "Status": "A",
        "Menge": {
            "Einheit": "STK",
            "Gebinde": {"Art": "FASS", "Inhalt": "1"},
            "Bestaetigt": "500,000",
        },
    }
    head = {"BelegNr": name, "Zeit": "02.03.2026 11:12:00", "Status": "20"}
    body = {"Auftragsbestaetigung": {"Kopf": head, "Positionen": {"Position": [line]}}}
    path = f"/interop/v1/in/{PREFIX}/{PREFIX}-order-answers"
    mailbox = Mailbox(demo.url, demo.mailbox.secret, path)
    answer = mailbox.deliver(body)
    assert answer.status == 202
    message = demo.message(answer.json["message"])
    assert (message["state"], message["failure_class"]) == ("dead", "data")
    assert f"({PREFIX}-units)" in message["failure"] and "not mapped" in message["failure"]
    assert "FASS" not in message["failure"]
