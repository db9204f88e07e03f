"""Acts about secrets, sealed content and tokens, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts

register_acts(
    "secrets",
    {
        "secret.create": "Secret made",
        "secret.change": "Secret changed",
        "secret.configure": "Secret set up",
        "secret.rotate": "Secret rotated",
        "secret.overlap_end": "Old secret ended",
        "secret.delete": "Secret deleted",
        "secret.use": "Secret used",
        "secret.reference": "Secret's source changed",
        "secret.fallback": "Old secret still used",
        "secret.token": "Access token asked for",
    },
)

register_acts(
    "retention",
    {
        "vault.shred": "Content destroyed",
        "token.forget": "Tokens forgotten",
        "token.expire": "Unused tokens forgotten",
        "retention.class.made": "Retention class made",
        "retention.class.changed": "Retention class changed",
        "retention.class.deleted": "Retention class deleted",
    },
)
