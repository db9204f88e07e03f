"""The gates of connectors: what a claim may take, and which endpoint a payload takes.

A claim decides how many messages may go and which of them is a probe, under the runtime lock of
their connector. The preparation decides where each goes. What comes of it is in `breaking.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_connector.lib.traffic.breaker import CLOSED, HALF_OPEN, OPEN

from ..lib.plan import Plan
from ..lib.work import Claimed
from .transaction import columns, read_committed, retrying, run

# Shorter pauses than this are not worth a claim: a few tokens gather meanwhile.
SHORTEST_PAUSE = 0.02
# So long a message waits at most before its endpoint is looked at again.
LONGEST_WAIT = 60.0


class Doors:
    """For one claim: what the circuit breakers of the locked connectors let through."""

    def __init__(self, cr, connectors: Sequence[Mapping[str, Any]], direction: str) -> None:
        self._cr = cr
        self._limited = {row["connector_id"] for row in connectors if row["limited"]}
        self._endpoints: dict[int, list[dict]] = defaultdict(list)
        ids = [row["connector_id"] for row in connectors]
        if ids and direction == "out":
            for row in run(cr, "endpoint_states", connector_ids=ids):
                self._endpoints[row["connector_id"]].append(row)

    def room(self, connector_id: int, room: int) -> int:
        """Of `room`, how many may go: one per probe if no endpoint is in use."""
        endpoints = self._endpoints.get(connector_id)
        if not endpoints or any(row["state"] == CLOSED for row in endpoints):
            return room
        return min(room, len(self._to_try(connector_id)))

    def take(
        self,
        connector_id: int,
        taken: Sequence[Claimed],
        lease: float,
        batches: Mapping[int, int] | None = None,
    ) -> None:
        """Note what was taken: tokens of the rate limit, and who is the probe."""
        if taken and connector_id in self._limited:
            paying = payers(taken, batches or {})
            for message in paying:
                message.paid = True
            run(self._cr, "take_tokens", connector_id=[connector_id], taken=[len(paying)])
        for message, row in zip(taken, self._to_try(connector_id), strict=False):
            began = run(
                self._cr,
                "begin_probe",
                endpoint_id=row["endpoint_id"],
                message_id=message.id,
                token=message.token,
                lease=lease,
            )
            if began:
                message.probe = row["endpoint_id"]
            if began and began[0]["before"] == OPEN:
                note_change(self._cr, row, OPEN, HALF_OPEN, "One message tries it", message)

    def _to_try(self, connector_id: int) -> list[dict]:
        """Endpoints above the uppermost one in use whose time to be tried has come."""
        found = []
        for row in self._endpoints.get(connector_id, ()):
            if row["state"] == CLOSED:
                break
            if row["due"]:
                found.append(row)
        return found


def payers(taken: Sequence[Claimed], batches: Mapping[int, int]) -> list[Claimed]:
    """One message for each payload that `taken` will travel in: a payload costs one token.

    `batches`: flow → documents in one payload. What travelled together before stays together.
    """
    found: list[Claimed] = []
    places: dict[tuple[int | None, ...], int] = defaultdict(int)
    for message in taken:
        whole = message.batch_id or message.interchange_id
        size = batches.get(message.flow_id, 1)
        key = (message.flow_id, message.company_id, message.interchange_id, message.batch_id)
        if places[key] == 0 or not whole and places[key] % size == 0:
            found.append(message)
        places[key] += 1
    return found


_ACTS = {
    "closed": "breaker.closed",
    "open": "breaker.opened",
    "half_open": "breaker.half_open",
    "disabled": "breaker.disabled",
}


def note_change(
    cr, row: Mapping[str, Any], before: str, after: str, reason: str, message: Claimed
) -> None:
    """A change of an endpoint's state by the queue: in the connector's list and the audit trail."""
    run(
        cr,
        "note_breaker_change",
        endpoint_id=row["endpoint_id"],
        connector_id=row["connector_id"],
        before=before,
        after=after,
        reason=reason,
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    endpoint = env["interop.endpoint"].browse(row["endpoint_id"])
    env["interop.audit"]._record_many(
        [
            AuditRow(
                act=_ACTS[after],
                outcome="ok" if after in (CLOSED, HALF_OPEN) else "failed",
                actor_kind="worker",
                company_id=endpoint.connector_id.company_id.id or None,
                area_id=endpoint.connector_id.area_id.id or None,
                res_model="interop.connector",
                res_id=row["connector_id"],
                details={
                    "endpoint": endpoint.name,
                    "purpose": endpoint.purpose,
                    "before": before,
                    "after": after,
                    "reason": reason,
                    "message": message.uuid,
                },
            )
        ]
    )


class Routes:
    """For one preparation: which endpoint each payload takes, as things are now.

    A payload that was made before takes the one that is usable now with the same bytes under the
    same key. Endpoints of a published version are found again by purpose and address; one whose
    address has been edited since by its name. What is not found has no breaker and is usable.
    """

    def __init__(self) -> None:
        self.blocked: list[tuple[Claimed, float | None]] = []
        """Messages that cannot go anywhere now, with the seconds after which to look again."""
        self.not_trying: list[Claimed] = []
        """Probes that cannot go to the endpoint that they were to try."""
        self._rows: dict[int, list[dict]] = {}

    def look(self, cr, claimed: Sequence[Claimed]) -> None:
        """Read what is so now; forgets what was decided before (the transaction begins anew)."""
        self.blocked, self.not_trying = [], []
        self._rows = {message.connector_id: [] for message in claimed}
        for row in run(cr, "endpoint_routes", connector_ids=list(self._rows)):
            self._rows[row["connector_id"]].append(row)

    def choose(
        self, plan: Plan, messages: Sequence[Claimed], purpose: str = "default"
    ) -> tuple[Mapping[str, Any] | None, int | None] | None:
        """The facts of the endpoint for `messages`, and its id if it has a breaker.

        None: there is none now. Facts of None: the version has no such endpoint at all.
        """
        rows = self._rows.get(messages[0].connector_id, [])
        if rows and rows[0]["shut"]:
            return None
        listed = [
            (facts, _known(rows, facts))
            for facts in plan.connector["endpoints"]
            if facts["purpose"] == purpose
        ]
        if not listed:
            return None, None
        for message in messages:
            for facts, row in listed:
                if row and message.probe == row["id"] and row["state"] == HALF_OPEN:
                    return facts, row["id"]
        for facts, row in listed:
            if row is None or row["state"] == CLOSED:
                return facts, row and row["id"]
        return None

    def keep_back(self, plan: Plan, messages: Sequence[Claimed]) -> bool:
        """Whether `messages` cannot go anywhere now; notes them if so."""
        chosen = self.choose(plan, messages)
        probes = [message for message in messages if message.probe]
        self.not_trying += [
            message for message in probes if not chosen or chosen[1] != message.probe
        ]
        if chosen is not None:
            return False
        rows = self._rows.get(messages[0].connector_id, [])
        seconds = None
        if not rows[0]["shut"] and (
            probes or any(row["state"] == CLOSED and row["purpose"] == "default" for row in rows)
        ):
            # The claim would take them again at once: it knows endpoints that they cannot use.
            opening = [row["seconds"] for row in rows if row["seconds"] is not None]
            seconds = min(max(min(opening, default=LONGEST_WAIT), 1.0), LONGEST_WAIT)
        self.blocked += [(message, seconds) for message in messages]
        return True


def _known(rows: Sequence[dict], facts: Mapping[str, Any]) -> dict | None:
    same = [row for row in rows if row["purpose"] == facts["purpose"]]
    for name in ("url", "name"):
        for row in same:
            if row[name] == facts[name]:
                return row
    return None


def put_off(registry: Registry, routes: Routes) -> None:
    """Give back what cannot leave now, as if it had never been claimed, and free unused probes."""
    if not routes.blocked and not routes.not_trying:
        return
    messages = [message for message, _seconds in routes.blocked]
    concerned = [*messages, *routes.not_trying]
    rows = [
        {"id": message.id, "token": message.token, "seconds": seconds}
        for message, seconds in routes.blocked
    ]
    paid = {message.id for message in messages if message.paid}

    def action() -> None:
        with read_committed(registry) as cr:
            connectors = sorted({message.connector_id for message in concerned})
            run(cr, "lock_runtimes", connector_ids=connectors)
            run(
                cr,
                "release_probes",
                ids=[message.id for message in concerned],
                tokens=sorted({message.token for message in concerned}),
            )
            if not rows:
                return
            landed = dict.fromkeys(connectors, 0)
            refunded = dict.fromkeys(connectors, 0)
            for row in run(cr, "put_off", **columns(rows, "id", "token", "seconds")):
                landed[row["connector_id"]] += 1
                refunded[row["connector_id"]] -= row["id"] in paid
            zeros = [0] * len(landed)
            run(
                cr,
                "settle_runtimes",
                connector_id=list(landed),
                ok=zeros,
                failed=zeros,
                landed=list(landed.values()),
            )
            if paid:
                run(
                    cr,
                    "take_tokens",
                    connector_id=list(refunded),
                    taken=list(refunded.values()),
                )

    retrying(action)


def seconds_to_gate(registry: Registry, environment: str | None = None) -> float | None:
    """When the first gate opens behind which messages are ready; None if none does by itself."""
    with read_committed(registry) as cr:
        [row] = run(cr, "gates_next", environment=environment)
    return None if row["seconds"] is None else max(row["seconds"], SHORTEST_PAUSE)


def refresh_windows(registry: Registry) -> int:
    """Work out the next maintenance window where it has passed or was changed; return how many."""
    with read_committed(registry) as cr:
        due = [row["connector_id"] for row in run(cr, "windows_due")]
    return retrying(lambda: _refresh_windows(registry, due)) if due else 0


def _refresh_windows(registry: Registry, due: list[int]) -> int:
    with read_committed(registry) as cr:
        run(cr, "lock_runtimes", connector_ids=due)
        run(cr, "windows_taken_up", ids=due)
        cr.execute("SELECT clock_timestamp()")
        [now] = cr.fetchone()
        now = now.astimezone(UTC)
        env = api.Environment(cr, SUPERUSER_ID, {})
        rows = []
        for connector in env["interop.connector"].browse(due):
            rules = [window._rule() for window in connector.window_ids if window.active]
            span = connector._closure(rules, now)
            rows.append(
                {
                    "connector_id": connector.id,
                    "closed_from": span and _naive(span.begin),
                    "closed_until": span and _naive(span.end),
                }
            )
        run(cr, "set_windows", **columns(rows, "connector_id", "closed_from", "closed_until"))
    return len(due)


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
