"""Acts about messages, flows and their content, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts, register_configured

register_acts(
    "messages",
    {
        "message.received": "Received",
        "message.applied": "Applied",
        "message.sent": "Sent",
        "message.postponed": "Postponed",
        "message.dead": "Became a dead letter",
        "message.redriven": "Run again",
        "message.cancelled": "Cancelled",
        "message.priority_changed": "Priority changed",
        "message.resent": "Sent again as a new message",
        "message.let_out_masked": "Let out masked",
        "interchange.acknowledged": "Receipt made",
        "message.held_after_restore": "Held after a restore",
        "message.known_to_partner": "Known to the partner after a restore",
        "message.coalesced": "Became part of another message",
        "message.not_composed": "Document as of the event not composed",
        "batch.cut": "Batch cut",
        "batch.cut_asked": "Batch asked for",
        "batch.awaits_release": "Batch awaits its release",
        "batch.released": "Batch released",
        "batch.returned": "Batch dissolved and gathered again",
        "event.not_queued": "Event not queued",
        "event.not_routed": "Could not be routed",
        "message.let_go": "Let go before what it waited for",
    },
)

register_acts(
    "content",
    {
        "message.content.read": "Content read",
        "policy.previewed": "Policy previewed",
        "policy.preview.exported": "Preview exported",
    },
)

register_acts(
    "persons",
    {
        "person.search": "Looked for a person",
        "token.resolve": "Tokens turned back",
    },
)

register_acts(
    "configuration",
    {
        "flow.create": "Flow made",
        "flow.direct_tried": "Direct call tried by hand",
        "flow.change": "Flow changed",
        "flow.delete": "Flow deleted",
        "flow.live": "Flow resumed",
        "flow.paused": "Flow paused",
        "flow.retired": "Flow retired",
        "lanes.number": "Number of lanes changed",
        "publication.configured": "Rules of approval changed",
        "message.reading.configured": "Rules of reading changed",
        "retention.purging": "Purging switched",
        "sample.create": "Golden sample made",
        "sample.change": "Golden sample changed",
        "sample.delete": "Golden sample deleted",
    },
)

register_configured("configuration", {"lane": "Lane"})

register_acts(
    "publication",
    {
        "flow.proposed": "Publication proposed",
        "flow.publication.approved": "Publication approved",
        "flow.publication.rejected": "Publication rejected",
        "flow.publication.withdrawn": "Publication withdrawn",
        "flow.published": "Version published",
        "sample.accept": "Golden sample accepted",
    },
)

register_acts(
    "decisions",
    {
        "crosswalk.code_mapped": "Missing code mapped",
        "crosswalk.code_ignored": "Missing code ignored",
        "crosswalk.code_reopened": "Missing code reopened",
    },
)

register_acts(
    "retention",
    {
        "content.purged": "Content purged",
        "content.erased": "Content erased on request",
        "content.purge.run": "Purge run",
        "hold.placed": "Legal hold placed",
        "hold.lifted": "Legal hold lifted",
    },
)

register_configured("retention", {"hold": "Legal hold"})
