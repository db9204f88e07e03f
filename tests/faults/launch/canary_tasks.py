"""What a child of the nursery can do to a person's name: everything that may go wrong with it."""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import Any

import canary
import psycopg2
from tasks import NAMESPACE, accept, document, task, transaction

from odoo.exceptions import AccessError

from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_queue.engine import transaction as transactions


@task
def emit_unfit(database: str, flow: str) -> list[str]:
    """Documents that break their rules with a person's name in the wrong places."""
    unfit = (
        {"currency": canary.NAME},
        {"ordered_at": canary.NAME},
        {"buyer": canary.NAME},
        {canary.NAME: "unknown field"},
        {"supplier": {"name": "Meridian", canary.NUMBER: 1}},
        {"lines": [{"line_number": canary.NUMBER}]},
        {"notes": f"{canary.NOTE} " * 5000},
    )
    with transaction(database) as env:
        documents = [
            Document(
                "PurchaseOrder", "1.0", document(f"unfit-{n}", 0, 1).body | wrong, f"unfit-{n}"
            )
            for n, wrong in enumerate(unfit)
        ]
        return list(
            env["interop.queue"]._emit_documents(
                f"fault.{flow}", documents, company_id=env.ref(f"{NAMESPACE}.company_nmc").id
            )
        )


@task
def receive_unfit(database: str) -> list[str]:
    """Deliveries with a person's name that end in every kind of failure."""
    ok = {"order_number": "PO-UNKNOWN", "order_revision": 0, "status": "accepted"}
    ok |= {"acknowledged_at": "2026-01-31T08:00:00Z", "notes": canary.NOTE, "lines": []}
    bodies = (
        json.dumps(ok),
        json.dumps(ok | {"status": canary.NAME}),
        json.dumps(ok | {canary.NAME: canary.NUMBER}),
        json.dumps(ok | {"lines": [{"line_number": canary.NUMBER}]}),
        json.dumps(ok)[:-20],
        f'{{"order_number": "{canary.NAME}" "oops"}}',
        f'<patient name="{canary.NAME}"/>',
    )
    return [
        transactions.retrying(partial(accept, database, f"unfit-{number}", body.encode()), tries=20)
        for number, body in enumerate(bodies)
    ]


@task
def fail_in_sql(database: str) -> list[str]:
    """Statements that PostgreSQL refuses, with a person's name in each; the kinds of refusal.

    Before it writes a row: a row that only an index refuses stands in its files until the next
    vacuum, as any row that was deleted.
    """
    person = canary.NAME
    statements: tuple[tuple[str, list[Any]], ...] = (
        ("SELECT %s::int", [person]),
        ("SELECT %s::date, 'x'", [canary.NUMBER]),
        ("INSERT INTO interop_system (name) VALUES (%s)", [person]),
        ("INSERT INTO interop_area (name, code) VALUES (%s, NULL)", [person]),
        ("SELECT * FROM interop_message WHERE no_such_column = %s", [person]),
        ("DO $$ BEGIN PERFORM to_date(%s, 'YYYY'); END $$", [person]),
        ("UPDATE interop_connector SET max_in_flight = %s", [canary.NUMBER]),
        ("SELECT '{\"patient\": \"' || %s || '\"'::jsonb", [person]),
    )
    kinds = []
    for statement, values in statements:
        try:
            with transaction(database) as env:
                env.cr.execute(statement, values)
        except psycopg2.Error as refusal:
            kinds.append(type(refusal).__name__)
            logging.getLogger("odoo.addons.interop_queue.fault").exception("as an addon would")
    return kinds


@task
def read_all(database: str) -> dict[str, list[str]]:
    """What an administrator can read and export of the suite's models without reading content:
    the fields that hold the person, and (for the counter-check) the models that were looked at."""
    found, looked_at = [], []
    with transaction(database) as env:
        admin = env(user=env.ref("base.user_admin"))
        for name in sorted(admin.registry):
            model = admin[name]
            if not name.startswith("interop.") or model._abstract or model._transient:
                continue
            try:
                records = model.with_context(active_test=False).search([], limit=2000)
            except AccessError:
                continue
            names = [
                key
                for key, field in model._fields.items()
                if model._has_field_access(field, "read")
            ]
            looked_at.append(name)
            for row in records.read(names):
                found += [f"{name}.{key}" for key, value in row.items() if _holds(value)]
            # Without `id`, which as an external id is a record of its own in Odoo's tables.
            columns = [key for key in names if model._fields[key].exportable and key != "id"]
            if records and _holds(records.export_data(columns)["datas"]):
                found.append(f"export of {name}")
        for name in ("mail.message", "mail.activity", "ir.attachment", "ir.logging"):
            texts = admin[name].sudo().search([]).read()
            found += [f"{name}.{key}" for row in texts for key in row if _holds(row[key])]
    return {"found": sorted(set(found)), "looked_at": looked_at}


def _holds(value: Any) -> bool:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return any(word in text for word in canary.WORDS)
