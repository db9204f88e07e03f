"""Acts about partner packs, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts, register_configured

register_acts(
    "configuration",
    {
        "pack.clone": "Set up from a pack",
        "pack.update": "Pack updated",
        "pack.take_in": "Pack taken in",
        "pack.publisher.trust": "Publisher trusted",
        "pack.publisher.change": "Publisher changed",
        "pack.publisher.distrust": "Publisher no longer trusted",
    },
)

register_configured("configuration", {"pack": "Pack", "pack.clone": "Set-up from a pack"})

register_acts(
    "evidence",
    {
        "pack.make": "Pack made",
    },
)
