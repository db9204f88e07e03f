"""Claiming: which messages this lane may run now."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from dataclasses import fields as dataclass_fields

from psycopg2.errors import LockNotAvailable

from odoo.modules.registry import Registry

from ..lib.work import Claimed
from .coalescing import coalesce
from .dependencies import look_again, parked_needing
from .gates import Doors
from .transaction import columns, read_committed, retrying, run
from .turns import LEAST, MOST

# A claim that met only followers of busy chains parks them and looks again, at most so often.
MAX_ROUNDS = 20
# Candidates looked at beyond those wanted, so that followers do not make a claim come back short.
EXTRA = 32
# Followers of one chain that are parked in one go.
PARK_LIMIT = 5000
# A message that lost its worker so often is run alone.
SUSPECT = 2
# A claim slower than this many seconds uses the floor from then on; a full look follows this often.
SLOW = 0.025
FULL_LOOK = 1.0
# Bytes of content that a lane takes into memory at once; one message always fits.
BYTES = 32 * 1024 * 1024

# More than any payload has members.
MEMBERS = 100_000

_COMPANION_FACTS = ("connector_id", "drain_to", "token", "lane", "lease")
_BOTTOM = (-(2**31), 0)
# What has a default is learnt later.
_COLUMNS = [
    column.name
    for column in dataclass_fields(Claimed)
    if column.name != "token" and column.default is MISSING
] + ["batch_id", "as_of_event"]


@dataclass(slots=True)
class Floors:
    """Where a lane last found something, per connector. A hint: forgetting it costs time only."""

    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    in_use: bool = False
    looked_fully_at: float = 0.0

    def current(self) -> dict[int, tuple[int, int]]:
        """The floors for the next claim: none while claims are quick, and none once a second."""
        now = time.monotonic()
        if not self.in_use or now - self.looked_fully_at >= FULL_LOOK:
            self.looked_fully_at = now
            self.places.clear()
        return self.places

    def forget(self) -> None:
        """Look fully next time: something may have become ready below."""
        self.looked_fully_at = 0.0

    def learn(self, seconds: float, taken: Sequence[Claimed]) -> None:
        if not self.places:
            self.in_use = seconds > SLOW
        for message in taken:
            place = (message.priority, message.id)
            self.places[message.connector_id] = max(
                place, self.places.get(message.connector_id, place)
            )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a lane can take: how many messages, how many bytes, of which connectors."""

    direction: str
    environment: str
    slots: int
    lease: float
    bytes: int = BYTES
    connectors: tuple[int, ...] | None = None
    """None: of all."""
    in_hand: Mapping[int, int] = field(default_factory=dict)
    """Connector → exchanges that this lane has under way for it."""
    cap: int | None = None
    """Exchanges of one connector that this lane has under way at most."""
    batches: Mapping[int, int] = field(default_factory=dict)
    """Flow → documents in one payload, for flows that have more than one."""
    least: int = LEAST
    most: int = MOST
    """Priorities from which and up to which is looked for: see `turns`."""
    coalescing: frozenset[int] = frozenset()
    """Flows of which several pending messages about one record become one."""


def claim(
    registry: Registry, lane: str, wanted: Wanted, floors: Floors | None = None
) -> list[Claimed]:
    """Claim at most what is `wanted` of all connectors that may run, in one short transaction.

    Free slots are dealt round: each connector with work gets its share before any gets more, so
    a connector with a long backlog cannot starve another.
    """
    if wanted.slots <= 0:
        return []
    floors = floors or Floors()
    places = floors.current()
    started = time.monotonic()
    needing: list[dict] = []
    taken = retrying(lambda: _claim_in_turn(registry, lane, wanted, places, needing))
    floors.learn(time.monotonic() - started, taken)
    look_again(registry, needing)
    return taken


def _claim_in_turn(
    registry: Registry,
    lane: str,
    wanted: Wanted,
    places: dict[int, tuple[int, int]],
    needing: list[dict],
) -> list[Claimed]:
    try:
        return _claim(registry, lane, wanted, places, needing)
    except LockNotAvailable:
        return []  # somebody holds the connector for longer than a claim or a settle takes


def _claim(
    registry: Registry,
    lane: str,
    wanted: Wanted,
    places: dict[int, tuple[int, int]],
    needing: list[dict],
) -> list[Claimed]:
    """`needing` takes what was parked because it needs messages of other flows."""
    token = str(uuid.uuid4())
    claimed: list[Claimed] = []
    needing.clear()
    with read_committed(registry) as cr:
        asked = {
            "environment": wanted.environment,
            "direction": wanted.direction,
            "only": list(wanted.connectors) if wanted.connectors is not None else None,
            "limit": wanted.slots,
            "least": wanted.least,
            "most": wanted.most,
            "floor_connectors": list(places),
            "floor_priorities": [priority for priority, _id in places.values()],
            "floor_ids": [message_id for _priority, message_id in places.values()],
        }
        runnable = run(cr, "lock_runnable", **asked)
        if not runnable and (contended := run(cr, "contended", **asked)):
            # All that has work is in others' hands, for a moment: waiting for one of them is
            # quicker than coming back later.
            only = [contended[0]["connector_id"]]
            run(cr, "await_runtime", quiet=True, connector_id=only[0])
            runnable = run(cr, "lock_runnable", **asked | {"only": only})
        doors = Doors(cr, runnable, wanted.direction)
        left, budget = wanted.slots, wanted.bytes
        touched = []
        for position, connector in enumerate(runnable):
            share = -(-left // (len(runnable) - position))
            # Inbound work is done by the lane itself: the partner's in-flight limit says nothing.
            outbound = wanted.direction == "out"
            room = share
            if outbound:
                in_hand = wanted.in_hand.get(connector["connector_id"], 0)
                cap = wanted.slots if wanted.cap is None else wanted.cap
                room = min(share, connector["free"], cap - in_hand)
                room = doors.room(connector["connector_id"], room)
            if room <= 0:
                continue
            facts = {
                "connector_id": connector["connector_id"],
                "direction": wanted.direction,
                "drain_to": connector["drain_to"],
                "token": token,
                "lane": lane,
                "lease": wanted.lease,
                "least": wanted.least,
                "most": wanted.most,
            }
            floor = places.get(connector["connector_id"], _BOTTOM)
            taken = _claim_connector(cr, facts, floor, room, budget, not claimed, needing)
            left -= len(taken)
            doors.take(connector["connector_id"], taken, wanted.lease, wanted.batches)
            taken += _companions(cr, facts, taken, wanted.batches)
            if wanted.coalescing:
                coalesce(cr, [m.id for m in taken if m.flow_id in wanted.coalescing])
            claimed += taken
            budget -= sum(message.size for message in taken)
            touched.append(
                {
                    "connector_id": connector["connector_id"],
                    "taken": len(taken) if outbound else 0,
                }
            )
            if left <= 0 or budget <= 0:
                break
        if touched:
            run(cr, "touch_claimed", **columns(touched, "connector_id", "taken"))
    return claimed


def _claim_connector(
    cr,
    facts: dict,
    floor: tuple[int, int],
    room: int,
    budget: int,
    first: bool,
    needing: list[dict],
) -> list[Claimed]:
    taken: list[Claimed] = []
    for _round in range(MAX_ROUNDS):
        wanted = room - len(taken)
        if wanted <= 0 or budget <= 0:
            break
        rows = run(
            cr,
            "claim",
            **facts,
            floor_priority=floor[0],
            floor_id=floor[1],
            limit=wanted,
            window=wanted + EXTRA,
            budget=budget,
            first=first and not taken,
            suspect=SUSPECT,
        )
        found = claimed_of(rows, facts["token"])
        taken += found
        budget -= sum(message.size for message in found)
        parked = rows[0]["parked"] if rows else []
        if not parked:
            break
        needing += parked_needing(cr, parked)
        run(cr, "park_followers", ids=parked, limit=PARK_LIMIT)
    return taken


def _companions(cr, facts: dict, taken: list[Claimed], batches: Mapping[int, int]) -> list[Claimed]:
    """Fill the payloads of batching flows: one exchange slot carries many messages."""
    room: dict[tuple[int, int | None, int | None], int] = {}
    found = _members(cr, facts, taken)
    for message in taken:
        if message.flow_id in batches and not message.batch_id:
            key = (message.flow_id, message.company_id, message.interchange_id)
            # A payload that is tried again takes all its members along, whatever the size is now.
            size = MEMBERS if message.interchange_id else batches[message.flow_id]
            room[key] = room.get(key, size) - 1
    for (flow_id, company_id, interchange_id), limit in room.items():
        if limit > 0:
            rows = run(
                cr,
                "claim_companions",
                **{name: facts[name] for name in _COMPANION_FACTS},
                flow_id=flow_id,
                company_id=company_id,
                interchange_id=interchange_id,
                limit=limit,
                suspect=SUSPECT,
            )
            found += claimed_of(rows, facts["token"])
    return found


def _members(cr, facts: dict, taken: list[Claimed]) -> list[Claimed]:
    """The others of the batches that `taken` are of."""
    found = []
    for batch_id, interchange_id in {(m.batch_id, m.interchange_id) for m in taken if m.batch_id}:
        rows = run(
            cr,
            "claim_members",
            **{name: facts[name] for name in ("connector_id", "token", "lane", "lease")},
            batch_id=batch_id,
            interchange_id=interchange_id,
            suspect=SUSPECT,
        )
        found += claimed_of(rows, facts["token"])
    return found


def claim_suspect(registry: Registry, lane: str, wanted: Wanted) -> list[Claimed]:
    """At most one message that took its worker down before; it is to be run alone."""
    return retrying(lambda: _claim_suspect(registry, lane, wanted))


def _claim_suspect(registry: Registry, lane: str, wanted: Wanted) -> list[Claimed]:
    token = str(uuid.uuid4())
    with read_committed(registry) as cr:
        known = run(cr, "suspects")
        only = [row["connector_id"] for row in known if row["direction"] == wanted.direction]
        if wanted.connectors is not None:
            only = [connector_id for connector_id in only if connector_id in wanted.connectors]
        if not only:
            return []
        runnable = run(
            cr,
            "lock_runnable",
            environment=wanted.environment,
            direction=wanted.direction,
            only=only,
            limit=1,
            least=LEAST,
            most=MOST,
            floor_connectors=[],
            floor_priorities=[],
            floor_ids=[],
        )
        doors = Doors(cr, runnable, wanted.direction)
        for connector in runnable:
            if not doors.room(connector["connector_id"], 1):
                continue
            rows = run(
                cr,
                "claim_suspect",
                direction=wanted.direction,
                connector_id=connector["connector_id"],
                token=token,
                lane=lane,
                lease=wanted.lease,
                suspect=SUSPECT,
            )
            taken = claimed_of(rows, token)
            doors.take(connector["connector_id"], taken, wanted.lease)
            # A payload that took its worker down goes as a whole or not at all.
            whole = [message for message in taken if message.interchange_id]
            facts = {"connector_id": connector["connector_id"], "token": token, "lane": lane}
            taken += _members(cr, facts | {"lease": wanted.lease}, whole)
            run(
                cr,
                "touch_claimed",
                connector_id=[connector["connector_id"]],
                taken=[len(taken) if wanted.direction == "out" else 0],
            )
            return taken
    return []


def claimed_of(rows: list[dict], token: str) -> list[Claimed]:
    """The messages in the rows of a claim, to be settled by who shows `token`."""
    return [
        Claimed(token=token, **{name: row[name] for name in _COLUMNS}) for row in rows if row["id"]
    ]
