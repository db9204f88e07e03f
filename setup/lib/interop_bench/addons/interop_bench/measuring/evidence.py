"""Sealing and verifying the audit trail, timed where it happens."""

import time

from odoo import SUPERUSER_ID, api

from .commands import command

_SECONDS = 3600.0


@command
def seal(registry):
    """Seal all there is; how many entries that were, and how long it took."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        started = time.perf_counter()
        numbers = env["interop.audit.sealer"]._seal(seconds=_SECONDS)
        seconds = time.perf_counter() - started
        cr.execute(
            "SELECT coalesce(sum(count), 0) FROM interop_audit_seal WHERE number = ANY(%s)",
            [numbers],
        )
        return {"entries": cr.fetchone()[0], "seals": len(numbers), "seconds": seconds}


@command
def verify_trail(registry):
    """Verify all there is; how many entries that were, and how long it took."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        started = time.perf_counter()
        report = env["interop.audit.verifier"]._verify()
        seconds = time.perf_counter() - started
    if not report.is_clean:
        raise RuntimeError(f"the trail is not clean: {report.findings[0].sentence}")
    return {"entries": report.entries, "seals": report.seals, "seconds": seconds}
