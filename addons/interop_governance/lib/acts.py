"""Acts of auditors, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts, register_configured

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

register_configured("access", {"access.review": "Access review"})

register_acts(
    "access",
    {
        "access.review.taken": "Rights listed for a review",
        "access.review.begun": "Access review begun",
        "access.review.kept": "Right kept in a review",
        "access.review.to_remove": "Right to be taken away after a review",
        "access.review.removed": "Right taken away after a review",
        "access.review.closed": "Access review closed",
        "access.review.exported": "Access review exported",
    },
)

register_acts(
    "environment",
    {
        "recovery.opened": "Recovery opened",
        "recovery.anchors_read": "Anchors read for a recovery",
        "recovery.decided": "Decided what leaves after a restore",
        "recovery.keys_exported": "Keys in doubt exported",
        "recovery.asked": "Partner asked about keys in doubt",
        "recovery.answer_taken": "Partner's answer about keys taken",
        "recovery.lost_settled": "Lost message settled",
        "recovery.armed": "Armed after a recovery",
        "recovery.closed": "Recovery closed",
    },
)
