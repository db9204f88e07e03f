"""Our side of enqueueing: `_emit_documents` for precomposed documents, `_emit` for orders."""

import time

from odoo.addons.interop_document.lib.document import Document

from ..models.handler_bench_file import FILE_EVENT
from .commands import command, transaction

EVENT = "purchase.order.approved"


def numbered(body, number):
    """The document under a number of its own; the rest is shared and not copied."""
    return body | {"number": f"BN{number:07d}"}


def document(body, number):
    own = numbered(body, number)
    return Document("PurchaseOrder", "1.0", own, f"{own['number']}/{own['revision']}")


def emit(env, body, first, count, company_id):
    documents = [document(body, first + number) for number in range(count)]
    return env["interop.queue"]._emit_documents(EVENT, documents, company_id=company_id)


@command
def emit_documents(registry, body, first, count, company_id, per_transaction=0):
    """Put `count` documents into the queue; return the seconds that took.

    Without `per_transaction` they become visible all at once.
    """
    size = per_transaction or count
    started = time.monotonic()
    for start in range(first, first + count, size):
        with transaction(registry) as env:
            for part in range(start, min(start + size, first + count), 1000):
                emit(
                    env,
                    body,
                    part,
                    min(1000, start + size - part, first + count - part),
                    company_id,
                )
    return time.monotonic() - started


@command
def emit_orders(registry, order_ids, per_transaction=0):
    """Put orders into the queue, to be composed by a lane; return the seconds that took."""
    size = per_transaction or len(order_ids)
    started = time.monotonic()
    for start in range(0, len(order_ids), size):
        with transaction(registry) as env:
            orders = env["purchase.order"].browse(order_ids[start : start + size])
            env["interop.queue"]._emit(EVENT, orders)
    return time.monotonic() - started


@command
def emit_singly(registry, body, first, company_id, pauses):
    """One document after the other on an idle system; each one's key and when it was committed."""
    committed = {}
    for number, pause in enumerate(pauses, first):
        time.sleep(pause)
        with registry.cursor() as cr:
            from odoo import SUPERUSER_ID, api

            [key] = emit(api.Environment(cr, SUPERUSER_ID, {}), body, number, 1, company_id)
            moment = time.monotonic_ns()
            cr.commit()
        committed[key] = moment
    return committed


@command
def emit_files(registry, count, megabytes, company_id):
    """Big documents, each in a transaction of its own. The text shrinks little when packed."""
    import base64
    import random

    content = base64.b64encode(random.Random(7).randbytes(megabytes * 750_000)).decode()
    for number in range(count):
        body = {"number": f"BF{number:05d}", "content": content}
        with transaction(registry) as env:
            env["interop.queue"]._emit_documents(
                FILE_EVENT,
                [Document("BenchFile", "1.0", body, body["number"])],
                company_id=company_id,
            )
    return count
