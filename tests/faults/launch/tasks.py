"""What a child of the nursery can do. Each task gets the database's name and plain values."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import canary
import points

from odoo import SUPERUSER_ID, api
from odoo.cli.command import find_command
from odoo.modules.registry import Registry

from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_queue.engine import transaction as transactions
from odoo.addons.interop_queue.lib.handlers import register_event

TASKS: dict[str, Callable[..., Any]] = {}
NAMESPACE = "__interop_sandbox__"
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def task(function: Callable[..., Any]) -> Callable[..., Any]:
    TASKS[function.__name__] = function
    return function


@contextmanager
def transaction(database: str) -> Iterator[api.Environment]:
    registry = Registry(database).check_signaling()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        yield env
        env.flush_all()
    registry.signal_changes()


# -- the world ---------------------------------------------------------------------------------


@task
def make_flows(database: str, flows: Sequence[dict[str, Any]]) -> None:
    """A connector with an endpoint and a published flow for each of `flows`.

    Each listens to an event of its own, `fault.<code>`, so a test decides what goes where.
    """
    with transaction(database) as env:
        for flow in flows:
            _make_flow(env, **flow)


def _make_flow(
    env: api.Environment,
    code: str,
    url: str,
    order_by: str = "record",
    idempotent: bool = True,
    total: float = 10.0,
    max_in_flight: int = 8,
    attempts: int = 12,
    second: str = "",
    breaker: dict[str, int] | None = None,
    limits: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """`second`: the address of a secondary endpoint. Without `breaker` no endpoint has one."""
    register_event(f"fault.{code}", f"Fault {code}")
    shop = env.ref(f"{NAMESPACE}.connector_nmc")
    connector = shop.copy({"name": f"Fault {code}", "code": code, "endpoint_ids": False})
    endpoint = {
        "timeout_connect": min(2.0, total),
        "timeout_total": total,
        "idempotent": idempotent,
        **(breaker or {"breaker_failures": 0, "breaker_rate": 0}),
    }
    addresses = [("Orders", url), ("Orders, second site", second)]
    connector.write(
        {
            "max_in_flight": max_in_flight,
            **(limits or {}),
            "auth_secret_id": shop.auth_secret_id.id,
            "signing_secret_id": shop.signing_secret_id.id,
            "endpoint_ids": [
                (0, 0, {"name": name, "url": address, "sequence": place, **endpoint})
                for place, (name, address) in enumerate(addresses)
                if address
            ],
        }
    )
    connector.action_activate()
    flow = env.ref(f"{NAMESPACE}.flow_nmc-orders").copy(
        {
            "name": f"Fault {code}",
            "code": code,
            "event": f"fault.{code}",
            "connector_id": connector.id,
            "order_by": order_by,
            "expects_answer": False,
            "retry_max_attempts": attempts,
            **(more or {}),
        }
    )
    flow.action_publish()


# -- work for the queue ------------------------------------------------------------------------


@task
def emit(
    database: str,
    flow: str,
    orders: Sequence[tuple[str, int]],
    per_transaction: int = 50,
    lines: int = 1,
    gate: str | None = None,
) -> list[str]:
    """Put orders that are composed already into the queue; return the keys that were committed.

    `gate`: each transaction stays open after its messages were inserted until that file exists.
    """
    accepted = []
    for start in range(0, len(orders), per_transaction):
        batch = orders[start : start + per_transaction]
        with transaction(database) as env:
            keys = env["interop.queue"]._emit_documents(
                f"fault.{flow}",
                [document(number, revision, lines) for number, revision in batch],
                company_id=env.ref(f"{NAMESPACE}.company_nmc").id,
                order_keys=[number for number, _revision in batch],
            )
            while gate and not os.path.exists(gate):
                time.sleep(0.02)
        accepted += keys
    return accepted


def document(number: str, revision: int, lines: int) -> Document:
    body = {
        "number": number,
        "revision": revision,
        "ordered_at": "2026-01-31T08:00:00Z",
        "currency": "USD",
        "buyer": {"name": "Northfield Medical Center"},
        "supplier": {"name": "Meridian Medical Supply"},
        # The policy masks or drops it: see `canary`.
        "ship_to": {"name": "Ward 4", "contact": canary.CONTACT},
        "notes": canary.NOTE,
        "lines": [
            {
                "line_number": line,
                "notes": canary.NOTE,
                # What is random does not shrink when it is compressed before it is sealed. Letters:
                # random digits would be a card's number now and then, and be held.
                "item": {"name": f"Glove {os.urandom(240).hex().translate(_LETTERS)}"},
                "quantity": 1,
                "uom": {"name": "box"},
                "unit_price": {"amount": 1.5, "currency": "USD"},
            }
            for line in range(1, lines + 1)
        ],
    }
    return Document("PurchaseOrder", "1.0", body, f"{number}/{revision}")


@task
def redrive(database: str) -> int:
    """What a person would do with the dead letters."""
    with transaction(database) as env:
        dead = env["interop.message"].search([("state", "=", "dead")])
        if dead:
            dead.action_redrive()
        return len(dead)


@task
def hurry(database: str, keys: Sequence[str]) -> int:
    """As if the pauses between two tries were over."""
    with transaction(database) as env:
        env.cr.execute(
            "UPDATE interop_message SET run_at = timezone('utc', clock_timestamp()) "
            "WHERE state = 'waiting' AND uuid = ANY (%s) AND NOT parked "
            "AND run_at > timezone('utc', clock_timestamp())",
            [list(keys)],
        )
        return env.cr.rowcount


@task
def change_registry(database: str) -> None:
    """As if models had changed: every process has to make its registry anew."""
    with transaction(database) as env:
        env.registry.registry_invalidated = True


@task
def trigger_reaper(database: str) -> None:
    """Let Odoo's own scheduled action take back lost leases now instead of in two minutes."""
    with transaction(database) as env:
        env.ref("interop_queue.cron_reaper")._trigger()


# -- purchase orders and their answers ---------------------------------------------------------


@task
def order(database: str, count: int) -> list[dict[str, Any]]:
    """Confirm purchase orders, one transaction each, as a buyer does; return their messages' keys
    and acknowledgements that accept them."""
    made = []
    for _number in range(count):
        with transaction(database) as env:
            company = env.ref(f"{NAMESPACE}.company_nmc")
            product = env.ref(f"{NAMESPACE}.product_GLOVE-NIT-M")
            order = (
                env["purchase.order"]
                .with_company(company)
                .create(
                    {
                        "partner_id": env.ref(f"{NAMESPACE}.supplier").id,
                        "company_id": company.id,
                        "order_line": [(0, 0, {"product_id": product.id, "product_qty": 5})],
                    }
                )
            )
            order.button_confirm()
            env.flush_all()
            message = env["interop.message"].search(
                [("res_model", "=", order._name), ("res_id", "=", order.id)]
            )
            answer = {
                "order_number": order.name,
                "order_revision": order.interop_revision,
                "acknowledged_at": "2026-01-31T08:00:00Z",
                "status": "accepted",
                "notes": canary.NOTE,
                "lines": [{"line_number": 10, "status": "accepted", "quantity_accepted": 5}],
            }
            [line] = order.order_line
            answer["lines"][0]["line_number"] = line.interop_line_number
            made.append({"key": message.uuid, "order": order.id, "answer": answer})
    return made


@task
def receive(database: str, deliveries: Sequence[tuple[str, dict[str, Any]]]) -> list[str]:
    """Take in deliveries as the inbound endpoint does after it has checked the sender; return the
    ids that the sender would have got an answer for. Odoo runs a request again that lost a race."""
    taken = []
    for ref, document in deliveries:
        body = json.dumps(document).encode()
        again = partial(accept, database, ref, body)
        taken.append(transactions.retrying(again, tries=20))
    return taken


def accept(database: str, ref: str, body: bytes) -> str:
    with transaction(database) as env:
        intake = env["interop.intake"]
        route = intake._route("meridian-nmc", "nmc-order-answers")
        intake._accept(route, body, ref, "application/json", "127.0.0.1")
    return ref


# -- other users of the database ---------------------------------------------------------------


@task
def quarrel(database: str, seed: str, orders: Sequence[int], keys: Sequence[str]) -> dict[str, int]:
    """Take the queue's locks in any order and change the records that others are changing.

    Goes on until it is killed or asked to end; tells how often PostgreSQL decided against it.
    """
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stop.append(number))
    chance = random.Random(seed)
    lost: Counter[str] = Counter()
    lock_message = "SELECT FROM interop_message WHERE uuid = %s FOR UPDATE"
    lock_connectors = "SELECT FROM interop_connector_runtime FOR NO KEY UPDATE"
    change_order = "UPDATE purchase_order SET write_date = write_date WHERE id = %s"
    while not stop:
        locks = [(lock_message, [key]) for key in chance.sample(list(keys), min(3, len(keys)))]
        locks.append((lock_connectors, []))
        if orders:
            locks.append((change_order, [chance.choice(list(orders))]))
        chance.shuffle(locks)
        try:
            with transaction(database) as env:
                for statement, values in locks:
                    env.cr.execute(statement, values, log_exceptions=False)
                    time.sleep(chance.uniform(0, 0.02))
        except transactions.CONFLICTS as conflict:
            lost[type(conflict).__name__] += 1
        time.sleep(chance.uniform(0, 0.05))
    return lost


# -- workers -----------------------------------------------------------------------------------


@task
def work(
    database: str,
    name: str,
    slots: int = 8,
    point: str | None = None,
    probability: float = 0.0,
    seed: str = "",
    poison: str | None = None,
    notes: str = os.devnull,
    trust: str | None = None,
    arguments: Sequence[str] = (),
) -> None:
    """The dedicated worker, as its command runs it, with dangers of this test's choice."""
    note = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    if point:
        points.arm(point, points.Dice(probability, seed, note))
    if poison:
        points.arm_against(poison, note)
    if trust:
        wire = "odoo.addons.interop_transport_http.lib.wire"
        points.replace(wire, "DEFAULT_CA_BUNDLE_PATH", lambda _usual: trust)
    command = find_command("interop_worker")
    command().run(["-d", database, "--slots", str(slots), "--name", name, *arguments])
