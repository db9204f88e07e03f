"""Preparing outbound messages: compose, screen, map, encode. The exchange itself is elsewhere.

One REPEATABLE READ transaction per batch reads Odoo's records and writes only the queue's own rows.
It ends before the first byte leaves: what is about to leave is known, whatever happens then.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_connector.lib.transport import Endpoint, Outgoing
from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.plan import Plan
from ..lib.retry import Exponential
from ..lib.work import Claimed, Prepared, Verdict
from .compose import documents
from .failure import refused
from .transaction import columns, retrying, run


@dataclass(slots=True)
class _Ready:
    """A payload on its way to its interchange; `document` is None if the payload is an old one."""

    message: Claimed
    plan: Plan
    version_id: int
    payload: bytes = field(repr=False)
    document: Document | None = None
    interchange_id: int | None = None
    interchange_uuid: str = field(default_factory=lambda: str(uuid.uuid4()))


def prepare(registry: Registry, claimed: list[Claimed]) -> tuple[list[Prepared], list[Verdict]]:
    """Make payloads of `claimed`; what cannot be made comes back as a verdict of its own."""
    return retrying(lambda: _prepare(registry, claimed))


def _prepare(registry: Registry, claimed: list[Claimed]) -> tuple[list[Prepared], list[Verdict]]:
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        ready: list[_Ready] = []
        verdicts: list[Verdict] = []
        by_flow: dict[int, list[Claimed]] = defaultdict(list)
        for message in claimed:
            by_flow[message.flow_id].append(message)
        for flow_id, messages in by_flow.items():
            try:
                version_id, plan = env["interop.flow.version"]._plan_of(flow_id)
            except InteropError as error:
                verdicts += [refused(message, error, Exponential()) for message in messages]
                continue
            ready += _seen_before(env, plan, version_id, messages)
            fresh = [message for message in messages if not message.interchange_id]
            for message, outcome in documents(env, plan, fresh):
                try:
                    ready.append(_encode(message, plan, version_id, outcome))
                except Exception as failure:
                    verdicts.append(refused(message, failure, plan.retry, version_id=version_id))
        _store(env, [item for item in ready if not item.interchange_id])
        return _hand_over(env, ready, verdicts), verdicts


def _seen_before(env, plan: Plan, version_id: int, messages: list[Claimed]) -> list[_Ready]:
    """A further try sends the very same bytes under the very same key."""
    again = [message for message in messages if message.interchange_id]
    if not again:
        return []
    interchanges = env["interop.interchange"].browse(message.interchange_id for message in again)
    uuids = {interchange.id: interchange.uuid for interchange in interchanges}
    opened = env["interop.vault"]._open_many([(key, "payload") for key in uuids.values()])
    return [
        _Ready(
            message,
            plan,
            version_id,
            opened[uuids[message.interchange_id], "payload"],
            interchange_id=message.interchange_id,
            interchange_uuid=uuids[message.interchange_id],
        )
        for message in again
    ]


def _encode(message: Claimed, plan: Plan, version_id: int, outcome: Document | Exception) -> _Ready:
    if isinstance(outcome, Exception):
        raise outcome
    payload = plan.encode([plan.shown(outcome)], {"message": message.uuid})
    return _Ready(message, plan, version_id, payload, outcome)


def _store(env, fresh: list[_Ready]) -> None:
    """Seal documents and payloads and note the interchanges, all before anything leaves."""
    if not fresh:
        return
    sealings = [Sealing(item.interchange_uuid, "payload", item.payload) for item in fresh]
    sealings += [
        Sealing(item.message.uuid, "document", canonical_json(item.document.body))
        for item in fresh
        if item.document is not None and item.message.res_id
    ]
    refs = env["interop.vault"]._seal_many(sealings)
    digests = {ref.uuid: ref.digest for ref in refs if ref.kind == "payload"}
    rows = [
        {
            "uuid": item.interchange_uuid,
            "connector_id": item.message.connector_id,
            "flow_id": item.message.flow_id,
            "company_id": item.message.company_id,
            "area_id": item.message.area_id,
            "direction": "out",
            "sender_ref": None,
            "idempotency_key": item.message.uuid,
            "content_type": item.plan.codec.content_type,
            "size": len(item.payload),
            "digest": digests[item.interchange_uuid],
            "state": "prepared",
            "remote_addr": None,
        }
        for item in fresh
    ]
    inserted = run(env.cr, "insert_interchanges", **columns(rows, *rows[0]))
    ids = {row["uuid"]: row["id"] for row in inserted}
    for item in fresh:
        item.interchange_id = ids[item.interchange_uuid]


def _hand_over(env, ready: list[_Ready], verdicts: list[Verdict]) -> list[Prepared]:
    """Everything an exchange needs, for the messages whose lease this lane still holds."""
    if not ready:
        return []
    notes = [
        {
            "id": item.message.id,
            "token": item.message.token,
            "version_id": item.version_id,
            "interchange_id": item.interchange_id,
            "business_key": (item.document and item.document.business_key)
            or item.message.business_key,
        }
        for item in ready
    ]
    held = {row["id"] for row in run(env.cr, "note_prepared", **columns(notes, *notes[0]))}
    endpoints: dict[str, Endpoint] = {}
    prepared = []
    for item in ready:
        if item.message.id not in held:
            continue  # another lane has it now
        item.message.interchange_id = item.interchange_id
        plan, connector = item.plan, item.plan.connector
        try:
            if plan.digest not in endpoints:
                endpoints[plan.digest] = env["interop.connector"]._resolve_endpoint(connector)
        except InteropError as error:
            verdicts.append(refused(item.message, error, plan.retry))
            continue
        prepared.append(
            Prepared(
                item.message,
                plan.transport,
                endpoints[plan.digest],
                Outgoing(item.message.uuid, item.payload, plan.codec.content_type),
                plan.retry,
                bool(plan.flow["expects_answer"]),
                plan.flow["answer_hours"] * 3600.0,
            )
        )
    return prepared
