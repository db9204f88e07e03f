"""Acts about privacy requests, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts

register_acts(
    "persons",
    {
        "privacy.looked_up": "Privacy request looked up",
        "privacy.erased": "Erased on a privacy request",
        "privacy.answered": "Privacy request answered",
        "privacy.withdrawn": "Privacy request withdrawn",
    },
)
