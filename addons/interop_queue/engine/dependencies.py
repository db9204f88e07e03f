"""What messages of different flows wait for: an emit notes it, a claim judges, a settle lets go.

Why nothing hangs is told in `sql/routing.sql`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from odoo.modules.registry import Registry
from odoo.sql_db import Cursor

from ..lib.subscription import Need
from .transaction import columns, read_committed, run

_logger = logging.getLogger(__name__)

_NEED = ("message_id", "flow_id", "res_model", "res_id")


def note(cr: Cursor, needs: Sequence[Need]) -> None:
    """Inside an emit's transaction, after its messages were inserted."""
    if needs:
        run(cr, "note_dependencies", **columns([need._asdict() for need in needs], *_NEED))


def parked_needing(cr: Cursor, parked: list[int]) -> list[dict]:
    """Of what a claim has just parked, what waits for messages of other flows."""
    run(cr, "hurry_before", ids=parked)
    return run(cr, "parked_needing", ids=parked)


def look_again(registry: Registry, parked: list[dict]) -> None:
    """After a claim's commit: what it parked may need nobody any more.

    A settle that was under way meanwhile could not see what was parked. It holds its connectors'
    runtimes, so this waits for it and then sees what it wrote.
    """
    if not parked:
        return
    connectors = {row["connector_id"] for row in parked}
    connectors |= {row["needs_connector_id"] for row in parked}
    try:
        with read_committed(registry) as cr:
            run(cr, "brief_lock")
            run(cr, "lock_runtimes", quiet=True, connector_ids=sorted(connectors))
            run(cr, "release_needless", ids=sorted({row["message_id"] for row in parked}))
    except Exception as failure:
        # The claim stands, and its lane must not lose what it has in hand. The sweep comes by.
        _logger.info("interop: dependents are released later (%s)", type(failure).__name__)
