"""Whether a direct call may be made now; if so, its message comes about, claimed by the call."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg2.errors import LockNotAvailable

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.direct import THROTTLED, Answer
from ..lib.plan import Plan
from ..lib.priorities import URGENT
from ..lib.work import Claimed
from .claim import claimed_of
from .gates import Doors
from .lease import lease_seconds
from .transaction import read_committed, retrying, run

# A process that dies is noticed so many seconds after the answer was due.
LEASE_BEYOND = 15.0
# With less time left nothing new is begun.
SHORTEST = 0.1


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of whom, and how long it may take."""

    plan: Plan
    facts: Mapping[str, Any]
    """The message's columns."""
    seconds: float
    at_most: int
    document: bytes | None = field(default=None, repr=False)
    """Of a question about no record."""


def admitted(
    registry: Registry, question: Question, deadline: float
) -> tuple[Claimed, bool] | Answer:
    """The message, claimed by this call; or why nothing is asked now.

    The second says that it took its connector's last place: somebody else may wait for it.
    """
    busy = Answer(THROTTLED, "Too much is going on at this connector. Ask again in a moment.")
    while True:
        try:
            return retrying(lambda: _admit(registry, question))
        except LockNotAvailable:
            if time.monotonic() + SHORTEST >= min(deadline, time.monotonic() + 2.0):
                return busy
            deadline = min(deadline, time.monotonic() + 2.0)


def _admit(registry: Registry, question: Question) -> tuple[Claimed, bool] | Answer:
    facts = question.facts
    connector_id = facts["connector_id"]
    with read_committed(registry) as cr:
        run(cr, "await_runtime", quiet=True, connector_id=connector_id)
        [row] = run(
            cr,
            "direct_admit",
            connector_id=connector_id,
            flow_id=facts["flow_id"],
            direction="out",
        )
        if closed := _closed(question, row):
            return closed
        doors = Doors(cr, [{"connector_id": connector_id, "limited": row["limited"]}], "out")
        if not doors.room(connector_id, 1):
            return _not_usable(row)
        token = str(uuid.uuid4())
        lease = question.seconds + min(LEASE_BEYOND, lease_seconds())
        made = run(
            cr,
            "direct_insert",
            **facts,
            priority=URGENT,
            size=len(question.document or b""),
            token=token,
            lane=place(),
            lease=lease,
        )
        claimed = claimed_of(made, token)
        doors.take(connector_id, claimed, lease)
        run(cr, "touch_claimed", connector_id=[connector_id], taken=[1])
        if question.document is not None:
            env = api.Environment(cr, SUPERUSER_ID, {})
            sealing = Sealing(
                facts["uuid"], "document", question.document, question.plan.retention_class
            )
            env["interop.vault"]._seal_many([sealing], fresh=True)
            env.flush_all()
        return claimed[0], row["free"] <= 1


def _closed(question: Question, row: Mapping[str, Any]) -> Answer | None:
    """What stands against asking now, in a sentence; in the order in which people can help it."""
    if row["flow_state"] != "live":
        return Answer(THROTTLED, "The flow is not live: nothing was asked.")
    if row["state"] != "active":
        return Answer(THROTTLED, "The connector is not active: nothing was asked.")
    if row["environment"] != question.plan.connector["environment"]:
        return Answer(THROTTLED, "The connector belongs to another environment by now.")
    if row["window_closed"]:
        told = "The partner is in maintenance: nothing was asked."
        return Answer(THROTTLED, told, retry_after=row["window_seconds"])
    if row["throttled"]:
        told = "The partner has asked to slow down: nothing was asked."
        return Answer(THROTTLED, told, retry_after=row["throttled"])
    if not row["usable"]:
        return _not_usable(row)
    if row["free"] <= 0:
        return Answer(THROTTLED, "All places of the connector are taken. Ask again in a moment.")
    if row["under_way"] >= question.at_most:
        return Answer(THROTTLED, "As many wait for this partner's answer as may. Ask again soon.")
    if not row["open"]:
        return Answer(THROTTLED, "The partner's rate limit is used up. Ask again in a moment.")
    return None


def _not_usable(row: Mapping[str, Any]) -> Answer:
    told = "The partner's address is out of use (its circuit breaker is open): nothing was asked."
    seconds = row["usable_seconds"]
    return Answer(THROTTLED, told, retry_after=None if seconds is None else max(seconds, 0.0))


def place() -> str:
    """Who has the message in hand, as a lane says it."""
    return f"direct@{socket.gethostname()}:{os.getpid()}"
