"""Claiming: which messages this lane may run now."""

from __future__ import annotations

import uuid
from dataclasses import fields as dataclass_fields

from odoo.modules.registry import Registry

from ..lib.work import Claimed
from .transaction import read_committed, retrying, run

# A claim that met only followers of busy chains parks them and looks again, at most so often.
MAX_ROUNDS = 20

_COLUMNS = [field.name for field in dataclass_fields(Claimed) if field.name != "token"]


def claim(
    registry: Registry, lane: str, direction: str, environment: str, slots: int, lease: float
) -> list[Claimed]:
    """Claim at most `slots` messages of all connectors that may run, in one short transaction.

    Free slots are dealt round: each connector with work gets its share before any gets more, so
    a connector with a long backlog cannot starve another.
    """
    if slots <= 0:
        return []
    return retrying(lambda: _claim(registry, lane, direction, environment, slots, lease))


def _claim(
    registry: Registry, lane: str, direction: str, environment: str, slots: int, lease: float
) -> list[Claimed]:
    token = str(uuid.uuid4())
    claimed: list[Claimed] = []
    with read_committed(registry) as cr:
        runnable = run(cr, "lock_runnable", environment=environment, direction=direction)
        left = slots
        for position, connector in enumerate(runnable):
            share = -(-left // (len(runnable) - position))
            # Inbound work is done by the lane itself: the partner's in-flight limit says nothing.
            room = min(share, connector["free"]) if direction == "out" else share
            taken = _claim_connector(
                cr, connector["connector_id"], direction, room, token, lane, lease
            )
            claimed += taken
            left -= len(taken)
        if runnable:
            ids = [connector["connector_id"] for connector in runnable]
            run(cr, "touch_claimed", connector_ids=ids)
    return claimed


def _claim_connector(
    cr, connector_id: int, direction: str, room: int, token: str, lane: str, lease: float
) -> list[Claimed]:
    taken: list[Claimed] = []
    for _round in range(MAX_ROUNDS):
        if len(taken) >= room:
            break
        rows = run(
            cr,
            "claim",
            connector_id=connector_id,
            direction=direction,
            limit=room - len(taken),
            token=token,
            lane=lane,
            lease=lease,
        )
        found = [row for row in rows if row["id"]]
        taken += [Claimed(token=token, **{name: row[name] for name in _COLUMNS}) for row in found]
        if not rows or (not found and not rows[0]["parked"]):
            break
    return taken
