"""The stager and the reaper: what time does to messages."""

from __future__ import annotations

import logging

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from ..lib.outcome import Outcome
from .settle import tell
from .transaction import read_committed, retrying, run

_logger = logging.getLogger(__name__)

STAGE_LIMIT = 5000
# A message that took its worker with it so often is not tried again by itself.
MAX_LOSSES = 5
KILLED = (
    "The worker died or hung with this message in its hands, several times. The message is set "
    "aside so that others flow; look at the server's log, then redrive it."
)

WAITED = (
    "The process that waited for the partner's answer ended before it came. Nobody knows whether "
    "the partner acted; ask the partner, then close this with the reason. It is not sent again."
)


def stage(registry: Registry) -> int:
    """Make ready what is due; return how many."""
    with read_committed(registry) as cr:
        return len(run(cr, "stage", limit=STAGE_LIMIT))


def something_ready(registry: Registry) -> bool:
    """Whether any message is ready, whatever may keep it from being claimed."""
    with read_committed(registry) as cr:
        return bool(run(cr, "something_ready"))


def suspects_wait(registry: Registry, connectors: tuple[int, ...] | None = None) -> bool:
    """Whether a message is ready that took its worker down before."""
    with read_committed(registry) as cr:
        found = {row["connector_id"] for row in run(cr, "suspects")}
    return bool(found if connectors is None else found & set(connectors))


def reap(registry: Registry) -> int:
    """Take back the messages of lost leases; return how many."""
    return retrying(lambda: _reap(registry))


def _reap(registry: Registry) -> int:
    with read_committed(registry) as cr:
        connectors = sorted(row["connector_id"] for row in run(cr, "expired"))
        if not connectors:
            return 0
        run(cr, "lock_runtimes", connector_ids=connectors)
        rows = run(
            cr,
            "reap",
            connector_ids=connectors,
            max_losses=MAX_LOSSES,
            sentence=KILLED,
            waiting=WAITED,
        )
        run(cr, "release_dependents", ids=[row["id"] for row in rows if row["state"] == "done"])
        run(cr, "recount_in_flight", connector_ids=connectors)
        ended = [
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
            if row["state"] != "ready"
        ]  # fmt: skip
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["interop.lane.loss"]._note(rows)
        if ended:
            tell(env, ended)
    if rows:
        dead = sum(row["state"] == "dead" for row in rows)
        _logger.warning("interop: %s lost lease(s) taken back, %s dead", len(rows), dead)
    return len(rows)


def recount(registry: Registry) -> list[dict]:
    """Mend in-flight counters that rows changed by other hands have left wrong."""

    def action() -> list[dict]:
        with read_committed(registry) as cr:
            connectors = [row["connector_id"] for row in run(cr, "all_runtimes")]
            run(cr, "lock_runtimes", connector_ids=connectors)
            return run(cr, "recount_in_flight", connector_ids=connectors)

    changed = retrying(action)
    if changed:
        _logger.warning("interop: in-flight counters of %s connector(s) mended", len(changed))
    return changed


def release_forgotten(registry: Registry) -> int:
    """Let go what a dying worker did not: parked heads of chains, and dependents of what ended."""
    with read_committed(registry) as cr:
        run(cr, "forget_dependencies")
        connectors = [row["connector_id"] for row in run(cr, "connectors_with_parked")]
        if not connectors:
            return 0
        run(cr, "lock_runtimes", connector_ids=connectors)
        dependents = run(cr, "sweep_dependencies")
        return len(dependents) + len(run(cr, "release_forgotten", connector_ids=connectors))


def seconds_to_next(registry: Registry) -> float | None:
    """When the next waiting message is due, in seconds; None if none waits."""
    with read_committed(registry) as cr:
        [row] = run(cr, "next_due")
    return None if row["seconds"] is None else float(row["seconds"])


def end_drains(registry: Registry) -> None:
    """Pause the connectors whose drain has come to its end."""
    with registry.cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["interop.connector"]._end_drains()
