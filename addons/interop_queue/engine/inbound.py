"""Handling inbound messages: decode, map, validate, screen, apply, settle.

Applying and settling are one transaction, so a document has its business effect exactly when its
message says so. Each message has its own: one poison message fails alone.
"""

from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, api
from odoo.models import BaseModel
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import DataError, InternalError, InteropError
from odoo.addons.interop_document.lib.canonical import canonical_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.outcome import Outcome
from ..lib.plan import Plan
from ..lib.retry import Exponential, Strategy
from ..lib.work import Claimed, Verdict
from .failure import refused
from .settle import (
    outcome_of,
    release_after,
    settle,
    tell,
    write_evidence,
    write_states,
)
from .transaction import insert_messages, retrying, run


@dataclass(slots=True)
class _Known:
    """What has been found out about a message so far, for the verdict if it fails later."""

    retry: Strategy = field(default_factory=Exponential)
    facts: dict[str, object] = field(default_factory=dict)


def handle_many(registry: Registry, messages: list[Claimed], lane: str) -> list[Outcome]:
    return [outcome for message in messages for outcome in handle(registry, message, lane)]


def handle(registry: Registry, message: Claimed, lane: str) -> list[Outcome]:
    """Run one inbound message to its outcome. Never raises for the message's own faults."""
    known = _Known()
    try:
        bodies = retrying(lambda: _split(registry, message))
        outcomes, answered = retrying(lambda: _apply(registry, message, lane, known, bodies))
    except Exception as failure:
        verdict = refused(message, failure, known.retry, attempted=1, **known.facts)
        return settle(registry, [verdict], lane)
    if message.chain or answered:
        connectors = sorted({message.connector_id, *answered.values()})
        release_after(registry, connectors, [message.id, *answered])
    return outcomes


def _split(registry: Registry, message: Claimed) -> list[dict]:
    """A payload of several documents becomes several messages, once.

    Returns what was decoded, so that it is not decoded twice; nothing if there was no need to.
    """
    if message.position:
        return []
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if env["interop.vault"]._has(message.uuid, "document"):
            return []
        _version_id, plan = env["interop.flow.version"]._plan_of(message.flow_id)
        bodies = _decode(env, plan, message)
        [siblings] = run(cr, "count_siblings", interchange_id=message.interchange_id)
        if len(bodies) < 2 or siblings["found"] > 1:
            return bodies
        rows = []
        for position in range(1, len(bodies)):
            rows.append(
                {
                    "uuid": str(uuid.uuid4()),
                    "flow_id": message.flow_id,
                    "connector_id": message.connector_id,
                    "company_id": message.company_id,
                    "area_id": message.area_id,
                    "direction": "in",
                    "document_type": f"{plan.document_type} {plan.document_version}",
                    "event": None,
                    "priority": 100,
                    "delay": 0.0,
                    "chain": message.chain,
                    "business_key": None,
                    "partner_id": message.partner_id,
                    "res_model": None,
                    "res_id": None,
                    "interchange_id": message.interchange_id,
                    "position": position,
                }
            )
        insert_messages(cr, rows)
        # Those that are sound need not be decoded again; the others meet their fault on their own.
        sealings = []
        for row, body in zip(rows, bodies[1:], strict=True):
            try:
                taken = plan.taken_in(body)
            except InteropError:
                continue
            sealings.append(Sealing(row["uuid"], "document", canonical_json(taken.body)))
        if sealings:
            env["interop.vault"]._seal_many(sealings)
    return bodies


def _apply(
    registry: Registry, message: Claimed, lane: str, known: _Known, bodies: list[dict]
) -> tuple[list[Outcome], dict[int, int]]:
    """Returns the outcomes, and the connector of each message that this one answers."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        version_id, plan = env["interop.flow.version"]._plan_of(message.flow_id)
        known.retry = plan.retry
        known.facts["version_id"] = version_id
        document = _document(env, plan, message, bodies)
        acting = env["interop.flow"]._acting_env(plan, message.company_id)
        handler = acting[plan.handler.model]
        key = handler._business_key(document)
        known.facts["business_key"] = key
        record = acting["interop.message"].sudo().browse(message.id)
        result = handler._apply(
            Document(document.type, document.version, document.body, key), record
        )
        if not isinstance(result, BaseModel):
            raise InternalError("The handler did not say which record it applied the document to.")
        env.flush_all()
        answered = {original.id: original.connector_id.id for original in record.answers_id}
        verdict = Verdict(
            message,
            "done",
            attempted=1,
            res_model=result._name if result else None,
            res_id=result[:1].id or None,
            partner_id=_partner(result),
            business_key=key,
            version_id=version_id,
        )
        held = write_states(cr, [verdict])
        if not held:
            cr.rollback()  # the lease is gone: another lane's effect counts, ours must not
            return [], {}
        write_evidence(env, held, lane)
        outcomes = [outcome_of(verdict)]
        tell(env, outcomes)
        env.flush_all()
    return outcomes, answered


def _document(env, plan: Plan, message: Claimed, bodies: list[dict]) -> Document:
    stored = env["interop.vault"]._open_many([(message.uuid, "document")])
    if data := stored.get((message.uuid, "document")):
        return Document(plan.document_type, plan.document_version, json.loads(data))
    bodies = bodies or _decode(env, plan, message)
    if message.position >= len(bodies):
        raise DataError("The payload holds fewer documents than when it came in.")
    document = plan.taken_in(bodies[message.position])
    sealing = Sealing(message.uuid, "document", canonical_json(document.body))
    env["interop.vault"]._seal_many([sealing])
    return document


def _decode(env, plan: Plan, message: Claimed) -> list[dict]:
    interchange = env["interop.interchange"].browse(message.interchange_id)
    raw = env["interop.vault"]._open(interchange.uuid, "payload")
    bodies = [decoded.document_body for decoded in plan.codec.decode(io.BytesIO(raw))]
    if not bodies:
        raise DataError("The payload holds no document.")
    return bodies


def _partner(result: BaseModel) -> int | None:
    if not result or "partner_id" not in result._fields:
        return None
    partner = result[:1].sudo().partner_id
    return partner._name == "res.partner" and partner.id or None
