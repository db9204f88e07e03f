"""Acts about traffic, as people read them."""

from odoo.addons.interop_audit.lib.acts import register_acts, register_configured

register_acts(
    "decisions",
    {
        "redrive.started": "Redrive started",
        "redrive.paused": "Redrive paused",
        "redrive.resumed": "Redrive resumed",
        "redrive.cancelled": "Redrive cancelled",
        "redrive.done": "Redrive ended",
        "redrive.stopped": "Redrive stopped by itself",
        "rehearsal.started": "Rehearsal started",
        "rehearsal.cancelled": "Rehearsal cancelled",
        "backfill.started": "Backfill started",
        "backfill.paused": "Backfill paused",
        "backfill.resumed": "Backfill resumed",
        "backfill.cancelled": "Backfill cancelled",
        "backfill.done": "Backfill ended",
        "backfill.failed": "Backfill failed",
    },
)

register_configured(
    "decisions", {"backfill": "Backfill", "redrive": "Redrive", "rehearsal": "Rehearsal"}
)
