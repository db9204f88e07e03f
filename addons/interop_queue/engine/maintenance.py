"""The stager and the reaper: what time does to messages."""

from __future__ import annotations

import logging

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from ..lib.outcome import Outcome
from .settle import tell
from .transaction import read_committed, run

_logger = logging.getLogger(__name__)

STAGE_LIMIT = 5000
# A message that took its worker with it so often is not tried again by itself.
MAX_CLAIMS = 5
KILLED = (
    "The worker died or hung with this message in its hands, several times. The message is set "
    "aside so that others flow; look at the server's log, then redrive it."
)


def stage(registry: Registry) -> int:
    """Make ready what is due; return how many."""
    with read_committed(registry) as cr:
        return len(run(cr, "stage", limit=STAGE_LIMIT))


def reap(registry: Registry) -> int:
    """Take back the messages of lost leases; return how many."""
    with read_committed(registry) as cr:
        rows = run(cr, "reap", max_claims=MAX_CLAIMS, sentence=KILLED)
        dead = [
            Outcome(
                message_id=row["id"],
                **{
                    name: row[name]
                    for name in (
                        "uuid", "direction", "state", "failure_class", "failure", "flow_id",
                        "company_id", "area_id", "res_model", "res_id",
                    )
                },
            )
            for row in rows
            if row["state"] == "dead"
        ]  # fmt: skip
        if dead:
            tell(api.Environment(cr, SUPERUSER_ID, {}), dead)
    if rows:
        _logger.warning("interop: %s lost lease(s) taken back, %s dead", len(rows), len(dead))
    return len(rows)


def release_forgotten(registry: Registry) -> int:
    """Let go the parked heads of chains that a dying worker did not release."""
    with read_committed(registry) as cr:
        connectors = [row["connector_id"] for row in run(cr, "connectors_with_parked")]
        if not connectors:
            return 0
        run(cr, "lock_runtimes", connector_ids=connectors)
        return len(run(cr, "release_forgotten", connector_ids=connectors))


def seconds_to_next(registry: Registry) -> float | None:
    """When the next waiting message is due, in seconds; None if none waits."""
    with read_committed(registry) as cr:
        [row] = run(cr, "next_due")
    return None if row["seconds"] is None else float(row["seconds"])
