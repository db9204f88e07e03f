"""Acts of the purchasing flows, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts

register_acts(
    "decisions",
    {
        "source_rule.decide": "Decided who is right",
    },
)
