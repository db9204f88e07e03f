"""Tasks of the tests of traffic control: batches and latest states."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

from psycopg2.errors import SerializationFailure
from tasks import NAMESPACE, document, task, transaction

from odoo.addons.interop_document.lib.document import Document


@task
def set_flow(database: str, flow: str, values: dict[str, Any]) -> None:
    """Change and publish a flow."""
    with transaction(database) as env:
        found = env["interop.flow"].search([("code", "=", flow)])
        found.write(values)
        found.action_publish()


@task
def emit_some_bad(database: str, flow: str, count: int, bad: Sequence[int]) -> list[str]:
    """Orders of which some are not what their document type asks for."""
    documents = []
    for number in range(count):
        good = document(f"{flow}-{number}", 0, 1)
        if number in bad:
            broken = {name: value for name, value in good.body.items() if name != "supplier"}
            good = Document(good.type, good.version, broken, good.business_key)
        documents.append(good)
    with transaction(database) as env:
        return env["interop.queue"]._emit_documents(
            f"fault.{flow}",
            documents,
            company_id=env.ref(f"{NAMESPACE}.company_nmc").id,
            order_keys=[None] * count,
        )


@task
def cut_now(database: str, flow: str) -> None:
    with transaction(database) as env:
        env["interop.flow"].search([("code", "=", flow)]).action_cut_now()


@task
def release(database: str, flow: str) -> int:
    """Release what awaits it; how many batches."""
    with transaction(database) as env:
        found = env["interop.batch"].search(
            [("flow_id.code", "=", flow), ("state", "=", "awaiting_release")]
        )
        for batch in found:
            batch.action_release(batch.digest, "compared")
        return len(found)


@task
def make_masters(database: str, count: int) -> list[int]:
    """Records that are going to change often; their ids."""
    made = []
    with transaction(database) as env:
        company = env.ref(f"{NAMESPACE}.company_nmc")
        product = env.ref(f"{NAMESPACE}.product_GLOVE-NIT-M")
        for _number in range(count):
            order = (
                env["purchase.order"]
                .with_company(company)
                .create(
                    {
                        "partner_id": env.ref(f"{NAMESPACE}.supplier").id,
                        "company_id": company.id,
                        "order_line": [(0, 0, {"product_id": product.id, "product_qty": 1})],
                    }
                )
            )
            order.order_line.interop_line_number = 10  # as when it is confirmed
            made.append(order.id)
    return made


@task
def change_masters(database: str, flow: str, ids: Sequence[int], times: int, seed: str) -> int:
    """Raise the quantity of one of them by one and emit, again and again, as users do."""
    chance = random.Random(seed)
    done = 0
    while done < times:
        record = chance.choice(list(ids))
        try:
            with transaction(database) as env:
                order = env["purchase.order"].browse(record)
                order.order_line.product_qty += 1
                env["interop.queue"]._emit(f"fault.{flow}", order)
                env.flush_all()
                time.sleep(chance.uniform(0, 0.02))
        except SerializationFailure:
            continue
        done += 1
    return done


@task
def masters(database: str, ids: Sequence[int]) -> list[tuple[str, float]]:
    """Their numbers and quantities."""
    with transaction(database) as env:
        orders = env["purchase.order"].browse(ids)
        return [(order.name, order.order_line.product_qty) for order in orders]
