"""Acts of auditors, and of those who recover an installation, as people read them."""

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
        "recovery.anchors_read": "Recovery: anchors kept elsewhere read",
        "recovery.decided": "Recovery: decided about a connector",
        "recovery.keys_exported": "Recovery: keys exported for a partner",
        "recovery.asked": "Recovery: partner asked",
        "recovery.answer_taken": "Recovery: partner's answer taken in",
        "recovery.armed": "Recovery: decisions carried out",
        "recovery.lost_settled": "Recovery: lost message settled",
        "recovery.closed": "Recovery closed",
    },
)
