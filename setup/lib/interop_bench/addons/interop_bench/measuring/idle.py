"""Many connectors with nothing to do, each with all that steers traffic."""

from odoo.addons.interop_queue.lib.handlers import register_event
from odoo.addons.interop_sandbox.models.interop_sandbox import NAMESPACE

from .commands import command, transaction

EVENT = "bench.idle"
register_event(EVENT, "Bench: never")


@command
def make_idle(registry, number):
    """So many connectors with two endpoints, breakers, a rate limit and a window; a flow each."""
    with transaction(registry) as env:
        shop = env.ref(f"{NAMESPACE}.connector_nmc")
        flow = env.ref(f"{NAMESPACE}.flow_nmc-orders")
        address = shop.endpoint_ids[0].url
        for place in range(number):
            code = f"idle-{place}"
            connector = shop.copy({"name": code, "code": code, "endpoint_ids": False})
            connector.write(
                {
                    "auth_secret_id": shop.auth_secret_id.id,
                    "signing_secret_id": shop.signing_secret_id.id,
                    "rate_limit": 50,
                    "endpoint_ids": [
                        (0, 0, {"name": "Primary", "url": address}),
                        (0, 0, {"name": "Secondary", "url": address + "?second=1"}),
                    ],
                    "window_ids": [
                        (0, 0, {"name": "Backup", "sunday": True, "time_from": 2, "time_to": 4})
                    ],
                }
            )
            connector.action_activate()
            flow.copy(
                {"name": code, "code": code, "event": EVENT, "connector_id": connector.id}
            ).action_publish()
    return number
