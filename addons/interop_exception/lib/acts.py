"""Acts about exceptions, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts

register_acts(
    "decisions",
    {
        "exception.assigned": "Exception assigned",
        "exception.decided": "Exception decided",
    },
)
