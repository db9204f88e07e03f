"""What a child of the nursery can do with flows that wait for each other, and with backfills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chunk_tasks import work_at
from tasks import NAMESPACE, task, transaction

from odoo import api

from odoo.addons.interop_queue.lib.handlers import register_event


@task
def wait_for(database: str, flow: str, needs: str, path: str) -> None:
    """From now on one flow waits for the other."""
    for code in (flow, needs):
        register_event(f"fault.{code}", f"Fault {code}")
    with transaction(database) as env:
        flows = {each.code: each for each in env["interop.flow"].search([])}
        flows[flow].wait_ids = [(0, 0, {"needs_flow_id": flows[needs].id, "path": path})]
        flows[flow].action_publish()


@task
def make_orders(database: str, count: int) -> list[int]:
    """Confirmed purchase orders that no flow has been told of."""
    with transaction(database) as env:
        company = env.ref(f"{NAMESPACE}.company_nmc")
        product = env.ref(f"{NAMESPACE}.product_GLOVE-NIT-M")
        orders = (
            env["purchase.order"]
            .with_company(company)
            .create(
                [
                    {
                        "partner_id": env.ref(f"{NAMESPACE}.supplier").id,
                        "company_id": company.id,
                        "order_line": [(0, 0, {"product_id": product.id, "product_qty": 5})],
                    }
                    for _number in range(count)
                ]
            )
        )
        orders._interop_number_lines()
        orders.write({"state": "purchase", "date_approve": "2026-01-31 08:00:00"})
        return list(orders.ids)


@task
def emit_records(database: str, events: Sequence[str], orders: Sequence[int]) -> list[str]:
    """One transaction per order, in which these events happen to it in turn; the keys."""
    keys = []
    for order_id in orders:
        with transaction(database) as env:
            last = env["interop.message"].search([], order="id desc", limit=1).id or 0
            order = env["purchase.order"].browse(order_id)
            for event in events:
                env["interop.queue"]._emit(f"fault.{event}", order)
            found = env["interop.message"].search([("id", ">", last), ("res_id", "=", order_id)])
            keys += found.filtered(lambda m: m.event in {f"fault.{e}" for e in events}).mapped(
                "uuid"
            )
    return keys


@task
def begin_backfill(database: str, flow: str, orders: Sequence[int], per_minute: int) -> int:
    register_event(f"fault.{flow}", f"Fault {flow}")
    with transaction(database) as env:
        found = env["interop.flow"].search([("code", "=", flow)])
        backfill = env["interop.backfill"].create(
            {
                "flow_id": found.id,
                "name": f"Backfill {flow}",
                "company_ids": [(6, 0, env.ref(f"{NAMESPACE}.company_nmc").ids)],
                # Not each number: a domain of thousands is nothing that a person would write.
                "domain": f"[('id', '>=', {min(orders)}), ('id', '<=', {max(orders)})]",
                "per_minute": per_minute,
                "backlog_at_most": 1000000,
            }
        )
        backfill._start()
        return backfill.id


@task
def backfill(database: str, number: int, chunk: int, **death: Any) -> str:
    """Work at a backfill until it has ended or this process has. `death`: see `work_at`."""

    def step(env: api.Environment) -> str:
        found = env["interop.backfill"].browse(number)
        if found.state == "running":
            found._run_chunk(chunk)
        return str(found.state)

    return work_at(database, step, **death)


@task
def make_orders_quickly(database: str, count: int) -> list[int]:
    """Copies of one confirmed order, rows only: what a flow is told of."""
    [pattern] = make_orders(database, 1)
    with transaction(database) as env:
        env.cr.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute "
            "WHERE attrelid = 'purchase_order'::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attname NOT IN ('id', 'name')"
        )
        [names] = env.cr.fetchone()
        # Names of columns from the catalogue, and no value of anybody's.
        env.cr.execute(
            f"INSERT INTO purchase_order (name, {names}) "
            f"SELECT 'Q' || %s || '-' || n, {names} FROM purchase_order, "
            "generate_series(1, %s) AS n WHERE id = %s RETURNING id",
            [pattern, count, pattern],
        )
        made = [row[0] for row in env.cr.fetchall()]
        product = env.ref(f"{NAMESPACE}.product_GLOVE-NIT-M")
        env.cr.execute(
            "INSERT INTO purchase_order_line (order_id, product_id, product_qty, name, "
            "  price_unit, product_uom_id, company_id, partner_id, date_planned, "
            "  interop_line_number, sequence, product_uom_qty, price_subtotal, price_total) "
            "SELECT o, %s, 5, 'Glove', 1.5, l.product_uom_id, l.company_id, l.partner_id, "
            "  l.date_planned, 10, 10, 5, 7.5, 7.5 "
            "FROM purchase_order_line l, unnest(%s::int[]) AS o WHERE l.order_id = %s",
            [product.id, made, pattern],
        )
    return made
