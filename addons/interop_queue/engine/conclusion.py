"""What becomes of an inbound payload as a whole, once something has become of all its documents.

Its messages are settled by different lanes at the same time, so none of them can tell from inside
its own transaction whether it is the last. The payload's row decides: who has locked it sees, under
READ COMMITTED, what all those before have committed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from odoo import SUPERUSER_ID, api
from odoo.api import Environment
from odoo.modules.registry import Registry

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_connector.lib.codec import Codec, CodecError, Envelope
from odoo.addons.interop_connector.lib.codec import Verdict as DocumentVerdict
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.work import Claimed
from .transaction import columns, read_committed, retrying, run

_logger = logging.getLogger(__name__)

SWEEP_LIMIT = 1000
ENDED = ("done", "dead", "cancelled")


def conclude(env: Environment, messages: Iterable[Claimed]) -> None:
    """Conclude the inbound payloads of `messages`, which were settled in this transaction.

    Only in a READ COMMITTED transaction, and before the evidence of `messages` is written: a
    payload's only message tells in its own entry that the payload was acknowledged.
    """
    settled = _payloads(messages)
    ids = sorted(settled)
    if ids:
        run(env.cr, "lock_interchanges", ids=ids)
        _conclude(env, run(env.cr, "inbound_progress", ids=ids), settled)


def conclude_single(env: Environment, messages: Iterable[Claimed]) -> list[int]:
    """As `conclude` in a business transaction: only the payloads of a single document.

    Returns the others. They are concluded after the commit (`conclude_after`).
    """
    settled = _payloads(messages)
    if not settled:
        return []
    rows = run(env.cr, "inbound_progress", ids=sorted(settled))
    _conclude(env, [row for row in rows if row["documents"] == 1], settled)
    return [row["id"] for row in rows if row["documents"] > 1]


def conclude_after(registry: Registry, ids: list[int]) -> None:
    """Conclude payloads whose messages were settled in transactions that are committed."""

    def action() -> None:
        with read_committed(registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            run(cr, "lock_interchanges", ids=ids)
            _conclude(env, run(cr, "inbound_progress", ids=ids), {})
            env.flush_all()

    if ids:
        retrying(action)


def conclude_forgotten(registry: Registry) -> int:
    """Catch up for workers that died before they concluded, and for people who cancelled."""
    with read_committed(registry) as cr:
        ids = [row["id"] for row in run(cr, "inbound_forgotten", limit=SWEEP_LIMIT)]
    conclude_after(registry, ids)
    return len(ids)


def _payloads(messages: Iterable[Claimed]) -> dict[int, Claimed]:
    """Inbound payloads by id, and one message of each."""
    return {m.interchange_id: m for m in messages if m.direction == "in" and m.interchange_id}


def _conclude(env: Environment, rows: list[dict], settled: Mapping[int, Claimed]) -> None:
    changed = []
    for row in rows:
        state = _state(row)
        noted = row["acknowledgement_state"]
        if state != "received" and noted is None:
            alone = settled.get(row["id"]) if row["documents"] == 1 else None
            noted = _acknowledge(env, row, alone)
        if (state, noted) != (row["state"], row["acknowledgement_state"]):
            # How many documents there are is known unless the only one could not be read.
            unread = row["documents"] == 1 and row["unread"]
            changed.append(
                {
                    "id": row["id"],
                    "state": state,
                    "acknowledgement_state": noted,
                    "document_count": None if unread else row["documents"],
                }
            )
    if changed:
        run(env.cr, "conclude_interchanges", **columns(changed, *changed[0]))


def _state(row: dict) -> str:
    if row["applied"] + row["refused"] < row["documents"]:
        return "received"
    if not row["refused"]:
        return "applied"
    return "mixed" if row["applied"] else "refused"


def _acknowledge(env: Environment, row: dict, alone: Claimed | None) -> str:
    """Ask the codec, once. Its failure undoes nothing and is noted.

    `alone`: the only message in the payload, whose entry in the trail tells of it.
    """
    try:
        _version_id, plan = env["interop.flow.version"]._plan_of(row["flow_id"])
        if not plan.codec.acknowledges:
            return "none"
        data = _composed(env, plan.codec, row)
    except Exception as failure:
        _logger.error(
            "interop: interchange %s could not be acknowledged (%s)",
            row["uuid"],
            type(failure).__name__,
        )
        return "failed"
    if data is None:
        return "none"
    sealing = Sealing(row["uuid"], "acknowledgement", data, plan.retention_class)
    [ref] = env["interop.vault"]._seal_many([sealing])
    if alone is not None:
        alone.acknowledged = ref.digest
        return "ready"
    env["interop.audit"]._record_many(
        [
            AuditRow(
                act="interchange.acknowledged",
                actor_kind="worker",
                company_id=row["company_id"],
                area_id=row["area_id"],
                res_model="interop.interchange",
                res_id=row["id"],
                subject=row["uuid"],
                digest=ref.digest,
                details={"documents": row["documents"], "applied": row["applied"]},
            )
        ]
    )
    return "ready"


def _composed(env: Environment, codec: Codec, row: dict) -> bytes | None:
    repeated = row["repeats_id"] if row["number_verdict"] == "duplicate" else None
    verdicts = [
        DocumentVerdict(
            position=message["position"],
            # Of a payload that came twice, the first may still be worked on: it was not refused.
            accepted=message["state"] == "done" or bool(repeated and message["state"] not in ENDED),
            failure_class=message["failure_class"] or "",
            sentence=message["failure"] or "",
        )
        for message in run(env.cr, "inbound_verdicts", id=repeated or row["id"])
    ]
    return codec.acknowledge(Envelope(_facts(env, codec, row["uuid"])), verdicts)


def _facts(env: Environment, codec: Codec, uuid: str) -> dict[str, str]:
    raw = env["interop.vault"]._open(uuid, "payload")
    try:
        first = next(iter(codec.decode(raw)), None)
    except CodecError as error:
        return dict(error.facts)
    return dict(first.facts) if first else {}
