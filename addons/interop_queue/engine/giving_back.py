"""What was claimed and is not going to be done by this lane goes back to the queue."""

from __future__ import annotations

from odoo.modules.registry import Registry

from ..lib.work import Claimed
from .transaction import read_committed, retrying, run


def expire(registry: Registry, claimed: list[Claimed]) -> None:
    """End the leases of `claimed` at once."""

    def action() -> None:
        with read_committed(registry) as cr:
            run(
                cr,
                "expire_leases",
                ids=[message.id for message in claimed],
                tokens=sorted({message.token for message in claimed}),
            )

    retrying(action)


def give_back(registry: Registry, claimed: list[Claimed]) -> None:
    """Return what was claimed but not begun, as if it had never been claimed."""

    def action() -> None:
        with read_committed(registry) as cr:
            connectors = sorted({message.connector_id for message in claimed})
            run(cr, "lock_runtimes", connector_ids=connectors)
            if probes := [message.id for message in claimed if message.probe]:
                tokens = sorted({message.token for message in claimed})
                run(cr, "release_probes", ids=probes, tokens=tokens)
            returned = run(
                cr,
                "give_back",
                ids=[message.id for message in claimed],
                tokens=sorted({message.token for message in claimed}),
            )
            landed: dict[int, int] = dict.fromkeys(connectors, 0)
            for row in returned:
                landed[row["connector_id"]] += row["direction"] == "out"
            zeros = [0] * len(landed)
            run(
                cr,
                "settle_runtimes",
                connector_id=list(landed),
                ok=zeros,
                failed=zeros,
                landed=list(landed.values()),
            )

    if claimed:
        retrying(action)
