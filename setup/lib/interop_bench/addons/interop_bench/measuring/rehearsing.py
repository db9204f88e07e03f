"""Rehearsing messages that were sent, timed where it happens."""

import time

from odoo import SUPERUSER_ID, api

from odoo.addons.interop_queue.engine.rehearsing import rehearse

from .commands import command


@command
def rehearse_sent(registry, count):
    """Rehearse the newest `count` orders that were sent; seconds, and what became of them."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        ids = (
            env["interop.message"]
            .search(
                [
                    ("direction", "=", "out"),
                    ("res_model", "=", "purchase.order"),
                    ("state", "in", ("sent", "done")),
                ],
                order="id desc",
                limit=count,
            )
            .ids
        )
    started = time.perf_counter()
    found = rehearse(registry, sorted(ids))
    seconds = time.perf_counter() - started
    outcomes = {}
    for each in found:
        outcomes[each.outcome] = outcomes.get(each.outcome, 0) + 1
    return {"seconds": seconds, "outcomes": outcomes}
