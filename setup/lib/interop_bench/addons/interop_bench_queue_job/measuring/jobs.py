"""queue_job's side of enqueueing: one `with_delay()` each, as documented."""

import time

from odoo import SUPERUSER_ID, api

from odoo.addons.interop_bench.measuring.commands import command, transaction
from odoo.addons.interop_bench.measuring.enqueue import numbered


@command
def set_up_jobs(registry, url):
    with transaction(registry) as env:
        env["ir.config_parameter"].set_param("interop_bench.url", url)
    registry.signal_changes()


@command
def delay_documents(registry, body, first, count, per_transaction, priority=10):
    """Delay `count` jobs that bring their document; return the seconds that took."""
    started = time.monotonic()
    for start in range(first, first + count, per_transaction):
        with transaction(registry) as env:
            jobs = env["interop.bench.job"]
            for number in range(start, min(start + per_transaction, first + count)):
                jobs.with_delay(priority=priority)._send(numbered(body, number))
    return time.monotonic() - started


@command
def delay_orders(registry, order_ids, flow_id, per_transaction, priority=10):
    """Delay a job for each order, which composes its document."""
    started = time.monotonic()
    for start in range(0, len(order_ids), per_transaction):
        with transaction(registry) as env:
            for order in env["purchase.order"].browse(order_ids[start : start + per_transaction]):
                order.with_delay(priority=priority)._interop_bench_send(flow_id)
    return time.monotonic() - started


@command
def delay_singly(registry, body, first, pauses):
    """One job after the other on an idle system; each one's key and when it was committed."""
    committed = {}
    for number, pause in enumerate(pauses, first):
        time.sleep(pause)
        with registry.cursor() as cr:
            jobs = api.Environment(cr, SUPERUSER_ID, {})["interop.bench.job"]
            document = numbered(body, number)
            jobs.with_delay()._send(document)
            moment = time.monotonic_ns()
            cr.commit()
        committed[document["number"]] = moment
    return committed
