"""Acts of auditors, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts

register_acts(
    "persons",
    {
        "disclosure.search": "Disclosures about a person looked up",
        "disclosure.statement": "Statement of disclosures made",
    },
)
register_acts(
    "evidence",
    {
        "received.search": "Looked up what a partner received",
        "received.export": "List of what a partner received exported",
        "list.export": "List exported",
        "evidence.bundle": "Evidence bundle made",
        "evidence.downloaded": "Evidence downloaded",
        "evidence.sample": "Random sample drawn",
        "evidence.sample.cancelled": "Random sample cancelled",
    },
)
