"""Batches: what is gathered leaves together, by schedule, by number or by size.

A cut is one short transaction under the runtime lock of the connector: two processes at once never
cut the same messages. What was cut is claimed, composed and sealed like any payload of several
documents; one that needs a person's release then goes back to wait, and leaves as it was sealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_audit.lib.entry import AuditRow

from ..lib.batching import Batching
from .coalescing import coalesce
from .payloads import Payload
from .transaction import read_committed, retrying, run

# Batches of one flow that are cut in one go; the rest a second later.
CUTS = 20
SWEEP_LIMIT = 500


def depart(
    registry: Registry,
    environment: str,
    flows: Mapping[int, Batching],
    connectors: Sequence[int] | None = None,
) -> int:
    """Cut what is due of the batch flows; return how many messages left their gathering."""
    if not flows:
        return 0
    asked = {
        "flow_ids": list(flows),
        "environment": environment,
        "only": list(connectors) if connectors is not None else None,
    }
    with read_committed(registry) as cr:
        found = [row for row in run(cr, "gathered", **asked) if _is_due(row, flows[row["flow_id"]])]
    return sum(retrying(lambda row=row: _depart(registry, row, flows, asked)) for row in found)


def _depart(registry: Registry, due: dict, flows: Mapping[int, Batching], asked: dict) -> int:
    with read_committed(registry) as cr:
        run(cr, "lock_runtimes", connector_ids=[due["connector_id"]])
        # Another process may have cut it while this one waited for the lock.
        alike = ("flow_id", "company_id", "connector_id")
        again = asked | {"flow_ids": [due["flow_id"]], "only": [due["connector_id"]]}
        rows = run(cr, "gathered", **again)
        batching = flows[due["flow_id"]]
        [row] = [row for row in rows if all(row[name] == due[name] for name in alike)] or [None]
        if row is None or not _is_due(row, batching):
            return 0
        scheduled = row["draining"] or _is_time(row, batching)
        env = api.Environment(cr, SUPERUSER_ID, {})
        cut = 0
        for _number in range(CUTS):
            members = _cut(env, row, batching, scheduled)
            if not members:
                break
            cut += members
        return cut


def _is_due(row: dict, batching: Batching) -> bool:
    return bool(
        row["draining"]
        or row["messages"] >= batching.size
        or (batching.kilobytes and (row["bytes"] or 0) >= batching.kilobytes * 1024)
        or _is_time(row, batching)
    )


def _is_time(row: dict, batching: Batching) -> bool:
    """Whether a departure lies behind the oldest and behind the last cut."""
    since: datetime = max(filter(None, (row["oldest"], row["last_cut"])))
    departure = batching.departures.next_after(since)
    asked = row["asked"] is not None and row["asked"] > since
    return asked or (departure is not None and departure <= row["now"])


def _cut(env, row: dict, batching: Batching, scheduled: bool) -> int:
    """Make one batch of what may go now; how many messages are in it."""
    cr = env.cr
    where = {name: row[name] for name in ("flow_id", "company_id", "connector_id")}
    heads = run(cr, "gathered_heads", **where, limit=batching.size)
    full = len(heads) >= batching.size
    if batching.kilobytes:
        kept, size = [], 0
        for head in heads:
            size += head["size"]
            kept.append(head)
            if size >= batching.kilobytes * 1024:
                full = True
                break
        heads = kept
    if not heads or not (scheduled or full):
        return 0
    flow = env["interop.flow"].browse(row["flow_id"])
    batch = env["interop.batch"]._make(flow, row, batching, len(heads))
    ids = [head["id"] for head in heads]
    taken = [found["id"] for found in run(cr, "cut_batch", batch_id=batch.id, ids=ids)]
    superseded = coalesce(cr, taken) if batching.coalesces else 0
    if len(taken) != len(heads):
        batch.member_count = len(taken)
    batch._note("batch.cut", {"documents": len(taken), "coalesced": superseded})
    env.flush_all()
    return len(taken)


# -- what was composed -------------------------------------------------------------------------


def note_composed(env, payloads: Sequence[Payload], digests: Mapping[str, str]) -> None:
    """Keep the totals of batches that were just composed and sealed."""
    for payload in payloads:
        if not payload.batch_id:
            continue
        sums = payload.plan.totals.of([part.document.body for part in payload.parts])
        run(
            env.cr,
            "note_composed",
            batch_id=payload.batch_id,
            interchange_id=payload.interchange_id,
            digest=digests[payload.uuid],
            document_count=len(payload.messages),
            size=len(payload.content),
            totals=json.dumps(sums),
        )


def unreleased(env, payloads: Sequence[Payload]) -> list[Payload]:
    """Those of `payloads` that a person has to release first."""
    batched = [payload for payload in payloads if payload.batch_id]
    if not batched:
        return []
    rows = run(
        env.cr,
        "unreleased",
        batch_id=[payload.batch_id for payload in batched],
        interchange_id=[payload.interchange_id for payload in batched],
    )
    kept = {row["interchange_id"] for row in rows}
    return [payload for payload in batched if payload.interchange_id in kept]


def await_release(registry: Registry, payloads: Sequence[Payload]) -> None:
    """Put the members of sealed batches aside until a person has looked at their totals."""
    messages = [message for payload in payloads for message in payload.messages]

    def action() -> None:
        with read_committed(registry) as cr:
            connectors = sorted({message.connector_id for message in messages})
            run(cr, "lock_runtimes", connector_ids=connectors)
            tokens = sorted({message.token for message in messages})
            if probes := [message.id for message in messages if message.probe]:
                # Another message tries whether the endpoint answers again.
                run(cr, "release_probes", ids=probes, tokens=tokens)
            ids = [message.id for message in messages]
            rows = run(cr, "await_release", ids=ids, tokens=tokens)
            landed = dict.fromkeys(connectors, 0)
            for row in rows:
                landed[row["connector_id"]] += 1
            zeros = [0] * len(landed)
            run(
                cr,
                "settle_runtimes",
                connector_id=list(landed),
                ok=zeros,
                failed=zeros,
                landed=list(landed.values()),
            )
            ids = sorted({row["batch_id"] for row in rows})
            awaiting = [row["id"] for row in run(cr, "batch_awaits", ids=ids)] if ids else []
            env = api.Environment(cr, SUPERUSER_ID, {})
            for batch in env["interop.batch"].browse(awaiting):
                batch._note("batch.awaits_release", {"documents": batch.document_count})
            env.flush_all()

    retrying(action)


def note_open(cr) -> None:
    """Tell batches by their members what has become of them, should nobody have done so."""
    ids = [row["id"] for row in run(cr, "open_batches", limit=SWEEP_LIMIT)]
    if ids:
        run(cr, "note_batches", ids=ids)


def ungather(cr, flows: Mapping[int, Batching]) -> int:
    """Let go what was gathered for flows that gather nothing any more; how many messages."""
    return len(run(cr, "ungather", flow_ids=list(flows)))


def audit_row(batch, act: str, details: dict | None) -> AuditRow:
    return AuditRow(
        act=act,
        company_id=batch.company_id.id or None,
        area_id=batch.area_id.id or None,
        res_model="interop.batch",
        res_id=batch.id,
        subject=batch.uuid,
        digest=batch.digest or None,
        details=details,
    )
