"""Acts about connectors, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts, register_configured

register_acts(
    "configuration",
    {
        "connector.create": "Connector made",
        "connector.change": "Connector changed",
        "connector.delete": "Connector deleted",
        "connector.activate": "Connector activated",
        "connector.drain": "Connector draining",
        "connector.drained": "Connector drained",
        "connector.pause": "Connector paused",
        "connector.resume": "Connector resumed",
        "connector.retire": "Connector retired",
        "connector.probe": "Connector tried",
        "connector.end_throttle": "Throttle ended by hand",
        "endpoint.isolate": "Endpoint isolated",
        "endpoint.close": "Endpoint back in use",
        "endpoint.try": "One message let through",
        "endpoint.fail_over": "Failed over by hand",
        "endpoint.return": "Returned after a fail over",
        "control_number.set": "Control number set",
    },
)

register_acts(
    "messages",
    {
        "breaker.opened": "Circuit breaker opened",
        "breaker.half_open": "Circuit breaker tries one message",
        "breaker.closed": "Circuit breaker closed",
        "breaker.disabled": "Endpoint disabled: gone for good",
    },
)

register_configured(
    "configuration", {"system": "System", "maintenance_window": "Maintenance window"}
)
register_acts("messages", {"delivery.refused": "Deliveries refused"})

register_acts(
    "decisions",
    {
        "control_number.gap_dismissed": "Gap in control numbers dismissed",
    },
)
