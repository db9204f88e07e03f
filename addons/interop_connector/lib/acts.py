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
        "control_number.set": "Control number set",
    },
)

register_configured("configuration", {"system": "System"})

register_acts(
    "decisions",
    {
        "control_number.gap_dismissed": "Gap in control numbers dismissed",
    },
)
