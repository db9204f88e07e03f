"""What tests of the gates (breakers, limits, windows) do inside Odoo."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from tasks import task, transaction

from odoo import fields
from odoo.modules.registry import Registry

from odoo.addons.interop_queue.engine.lane import Lane


@task
def lanes(database: str, names: list[str], seconds: float, slots: int = 8) -> dict[str, int]:
    """Several lanes in this process, as scheduled actions run them, one after the other's end."""
    registry = Registry(database)
    handled = dict.fromkeys(names, 0)

    def turn(name: str) -> None:
        lane = Lane(registry, name, slots, budget=seconds)
        handled[name] = lane.run().handled

    threads = [threading.Thread(target=turn, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return handled


@task
def close(database: str, flow: str, seconds: int) -> str:
    """A maintenance window from now on; when it ends."""
    with transaction(database) as env:
        now = fields.Datetime.now()
        window = env["interop.maintenance.window"].create(
            {
                "name": "Fault",
                "connector_id": env["interop.connector"].search([("code", "=", flow)]).id,
                "kind": "once",
                "starts_at": now,
                "ends_at": now + timedelta(seconds=seconds),
            }
        )
        return fields.Datetime.to_string(window.ends_at)


@task
def gate_act(database: str, flow: str, method: str, arguments: list[Any] | None = None) -> None:
    """A button of the connector."""
    with transaction(database) as env:
        connector = env["interop.connector"].search([("code", "=", flow)])
        getattr(connector, method)(*(arguments or []))
