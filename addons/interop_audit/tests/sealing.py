"""Sealing for tests, which have no server whose scheduled action does it."""

import time

from odoo import SUPERUSER_ID, api

PATIENCE = 120


def wait_for_writers(registry):
    """Wait until all transactions have ended that have written something by now.

    One in any database of the cluster holds up the sealing of what was written after it began.
    """
    with registry.cursor() as cr:
        cr.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        [mark] = cr.fetchone()
    until = time.monotonic() + PATIENCE
    while True:
        with registry.cursor() as cr:
            cr.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cr.fetchone()[0] >= mark:
                return
        if time.monotonic() > until:
            raise AssertionError(f"a transaction did not end within {PATIENCE} s")
        time.sleep(0.05)


def seal_all(registry, **options):
    """Seal whatever was committed before; the numbers of the seals made."""
    wait_for_writers(registry)
    with registry.cursor() as cr:
        return api.Environment(cr, SUPERUSER_ID, {})["interop.audit.sealer"]._seal(**options)
