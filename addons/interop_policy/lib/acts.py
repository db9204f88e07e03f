"""Acts about policies, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts

register_acts(
    "configuration",
    {
        "policy.change": "Policy changed",
        "policy.delete": "Policy deleted",
        "pattern.change": "Pattern of the last look changed",
        "pattern.delete": "Pattern of the last look deleted",
        "residency.change": "Allowed regions changed",
    },
)
