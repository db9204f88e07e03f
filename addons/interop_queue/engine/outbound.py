"""Preparing outbound messages: compose, screen, map, encode. The exchange itself is elsewhere.

One REPEATABLE READ transaction per batch reads Odoo's records and writes only the queue's own rows.
It ends before the first byte leaves: what is about to leave is known, whatever happens then.
"""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import InteropError, PolicyError
from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_connector.lib.transport import Endpoint, Outgoing
from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_policy.lib.context import Token
from odoo.addons.interop_policy.lib.guard import Held
from odoo.addons.interop_policy.lib.policy import Screened
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.plan import Plan
from ..lib.retry import Exponential
from ..lib.work import Claimed, Prepared, Verdict
from .compose import documents
from .failure import refused
from .keys import Lookups, PolicyKey, keep_tokens, note_persons
from .transaction import columns, repeatable_read, retrying, run


@dataclass(slots=True)
class _Part:
    """One message's document as the partner may see it."""

    message: Claimed
    document: Document
    shown: dict = field(repr=False)
    tokens: tuple[Token, ...] = field(default=(), repr=False)


@dataclass(slots=True)
class _Payload:
    """What leaves as a whole: one message's document, or those of several."""

    messages: list[Claimed]
    plan: Plan
    version_id: int
    content: bytes = field(repr=False)
    uuid: str
    key: str
    interchange_id: int | None = None
    """None: made just now, not stored yet."""
    parts: list[_Part] = field(default_factory=list, repr=False)


def prepare(registry: Registry, claimed: list[Claimed]) -> tuple[list[Prepared], list[Verdict]]:
    """Make payloads of `claimed`; what cannot be made comes back as a verdict of its own.

    Raises KeyringError if the keyring cannot be used: then nothing was made.
    """
    return retrying(lambda: _prepare(registry, claimed))


def _prepare(registry: Registry, claimed: list[Claimed]) -> tuple[list[Prepared], list[Verdict]]:
    with repeatable_read(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        payloads: list[_Payload] = []
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
            for message in messages:
                message.retention_class = plan.retention_class
            again, fresh = _seen_before(env, plan, version_id, messages)
            payloads += again
            parts, failed = _parts(env, plan, version_id, fresh)
            verdicts += failed
            payloads += _payloads(plan, version_id, parts)
        _store(env, [payload for payload in payloads if payload.interchange_id is None])
        return _hand_over(env, payloads, verdicts), verdicts


def _seen_before(
    env, plan: Plan, version_id: int, messages: list[Claimed]
) -> tuple[list[_Payload], list[Claimed]]:
    """A further try sends the very same bytes under the very same key.

    Returns those payloads, and the messages that have none: because they are new, or because not
    all that travelled with them are here (one was cancelled, say). These are composed afresh.
    """
    facts: dict[int, tuple[str, str, int]] = {}
    members: dict[int, list[Claimed]] = defaultdict(list)
    # A worker that died may have prepared a message without anything saying so on its row.
    lost = {m.uuid: m for m in messages if not m.interchange_id and m.claims > 1}
    if lost:
        for row in run(env.cr, "find_prepared", keys=list(lost)):
            members[row["id"]] = [lost[row["idempotency_key"]]]
            facts[row["id"]] = (row["uuid"], row["idempotency_key"], 1)
    for message in messages:
        if message.interchange_id:
            members[message.interchange_id].append(message)
    interchanges = env["interop.interchange"].browse(key for key in members if key not in facts)
    for row in interchanges.read(["uuid", "idempotency_key", "document_count"], load=""):
        facts[row["id"]] = (row["uuid"], row["idempotency_key"], row["document_count"])
    whole = {key: group for key, group in members.items() if len(group) == facts[key][2]}
    opened = env["interop.vault"]._open_many([(facts[key][0], "payload") for key in whole])
    payloads = [
        _Payload(
            messages=sorted(group, key=lambda message: message.position),
            plan=plan,
            version_id=version_id,
            content=opened.pop((facts[key][0], "payload")),
            uuid=facts[key][0],
            key=facts[key][1],
            interchange_id=key,
        )
        for key, group in whole.items()
    ]
    known = {message.id for payload in payloads for message in payload.messages}
    return payloads, [message for message in messages if message.id not in known]


def _parts(
    env, plan: Plan, version_id: int, messages: list[Claimed]
) -> tuple[list[_Part], list[Verdict]]:
    parts, verdicts = [], []
    key, lookups = PolicyKey(env), Lookups(env)
    persons = []
    for message, outcome in documents(env, plan, messages):
        try:
            if isinstance(outcome, Exception):
                raise outcome
            # Also of what is refused next: its document may be kept.
            persons.append((message.id, plan.people.values(outcome.body)))
            screened = _shown(env, plan, message, outcome, key, lookups)
            parts.append(_Part(message, outcome, screened.body, screened.tokens))
            if screened.findings:
                message.masked = tuple((each.path, each.kind) for each in screened.findings)
        except KeyringError:
            raise  # the lane's matter, not this message's
        except Exception as failure:
            verdicts.append(refused(message, failure, plan.retry, version_id=version_id))
    note_persons(env, persons)
    clashing = keep_tokens(env, plan, key, ((part.message, part.tokens) for part in parts))
    for part in [part for part in parts if part.message.id in clashing]:
        parts.remove(part)
        failure = PolicyError(
            "A token of digits stands for another value already. Give the rule longer tokens, and "
            "publish the flow anew."
        )
        verdicts.append(refused(part.message, failure, plan.retry, version_id=version_id))
    return parts, verdicts


def _shown(
    env, plan: Plan, message: Claimed, document: Document, key: PolicyKey, lookups: Lookups
) -> Screened:
    """The document as the partner may see it: masked where a person has decided so for once."""
    lookup = lookups.of(plan, message.company_id)
    try:
        return plan.shown(document, message.company_id, key, lookup=lookup)
    except Held:
        # Asked only now, so that it costs nothing as long as nothing is held.
        if not run(env.cr, "masks_once", id=message.id)[0]["masks_once"]:
            raise
        return plan.shown(document, message.company_id, key, masking=True, lookup=lookup)


def _payloads(plan: Plan, version_id: int, parts: list[_Part]) -> list[_Payload]:
    """One payload per document, or as many documents in one as the flow wants."""
    if plan.batch_size <= 1:
        groups = [[part] for part in parts]
    else:
        groups = []
        by_company: dict[int | None, list[_Part]] = defaultdict(list)
        for part in sorted(parts, key=lambda part: part.message.id):
            by_company[part.message.company_id].append(part)
        for same in by_company.values():
            size = plan.batch_size
            groups += [same[start : start + size] for start in range(0, len(same), size)]
    payloads = []
    for group in groups:
        own = str(uuid.uuid4())
        # The key that the partner sees: the message's own if it travels alone.
        key = group[0].message.uuid if plan.batch_size <= 1 else own
        content = plan.encode([part.shown for part in group], {"message": key})
        for part in group:
            part.shown = {}  # big documents are not kept in memory twice
        messages = [part.message for part in group]
        for part in group:
            part.message.business_key = part.document.business_key or part.message.business_key
        payloads.append(_Payload(messages, plan, version_id, content, own, key, parts=group))
    return payloads


def _store(env, fresh: list[_Payload]) -> None:
    """Seal documents and payloads and note the interchanges, all before anything leaves."""
    if not fresh:
        return
    vault = env["interop.vault"]
    sealings = [
        Sealing(payload.uuid, "payload", payload.content, payload.plan.retention_class)
        for payload in fresh
    ]
    refs = vault._seal_many(sealings, fresh=True)
    # A redriven message is composed afresh: its document is a further generation.
    composed = [
        Sealing(
            part.message.uuid,
            "document",
            quick_json(part.document.body, plain=True),
            payload.plan.retention_class,
        )
        for payload in fresh
        for part in payload.parts
        if part.message.res_id
    ]
    vault._seal_many(composed)
    digests = {ref.uuid: ref.digest for ref in refs}
    rows = [
        {
            "uuid": payload.uuid,
            "connector_id": payload.messages[0].connector_id,
            "flow_id": payload.messages[0].flow_id,
            "company_id": payload.messages[0].company_id,
            "area_id": payload.messages[0].area_id,
            "direction": "out",
            "sender_ref": None,
            "idempotency_key": payload.key,
            "content_type": payload.plan.codec.content_type,
            "size": len(payload.content),
            "digest": digests[payload.uuid],
            "state": "prepared",
            "remote_addr": None,
            "document_count": len(payload.messages),
        }
        for payload in fresh
    ]
    inserted = run(env.cr, "insert_interchanges", **columns(rows, *rows[0]))
    ids = {row["uuid"]: row["id"] for row in inserted}
    batched = []
    for payload in fresh:
        payload.interchange_id = ids[payload.uuid]
        if payload.plan.batch_size > 1:
            batched += [
                {
                    "id": message.id,
                    "token": message.token,
                    "interchange_id": payload.interchange_id,
                    "position": position,
                }
                for position, message in enumerate(payload.messages)
            ]
    if batched:
        run(env.cr, "note_prepared", **columns(batched, *batched[0]))


def _hand_over(env, payloads: list[_Payload], verdicts: list[Verdict]) -> list[Prepared]:
    """Everything an exchange needs, for the payloads whose leases this lane still holds."""
    if not payloads:
        return []
    messages = [message for payload in payloads for message in payload.messages]
    leases = {"id": [m.id for m in messages], "token": [m.token for m in messages]}
    held = {row["id"] for row in run(env.cr, "still_held", **leases)}
    endpoints: dict[str, Endpoint] = {}
    prepared = []
    for payload in payloads:
        if any(message.id not in held for message in payload.messages):
            continue  # another lane has it now
        plan = payload.plan
        for message in payload.messages:
            message.interchange_id = payload.interchange_id
        try:
            if plan.digest not in endpoints:
                endpoints[plan.digest] = _endpoint(env, plan)
        except KeyringError:
            raise
        except InteropError as error:
            verdicts += [refused(message, error, plan.retry) for message in payload.messages]
            continue
        prepared.append(
            Prepared(
                messages=payload.messages,
                transport=plan.transport,
                endpoint=endpoints[plan.digest],
                outgoing=Outgoing(payload.key, payload.content, plan.codec.content_type),
                retry=plan.retry,
                codec=plan.codec,
                expects_answer=bool(plan.flow["expects_answer"]),
                answer_seconds=plan.flow["answer_hours"] * 3600.0,
                interchange_id=payload.interchange_id,
                interchange_uuid=payload.uuid,
                version_id=payload.version_id,
            )
        )
    return prepared


# Resolved endpoints of this process, secrets included, for a moment: a replaced secret is in use
# at the latest after so many seconds.
_ENDPOINT_SECONDS = 5.0
_endpoints: dict[tuple[str, str], tuple[float, Endpoint]] = {}


def _endpoint(env, plan: Plan) -> Endpoint:
    key = (env.cr.dbname, plan.digest)
    known = _endpoints.get(key)
    if known is None or time.monotonic() - known[0] > _ENDPOINT_SECONDS:
        known = (time.monotonic(), env["interop.connector"]._resolve_endpoint(plan.connector))
        _endpoints[key] = known
        for other, (since, _old) in list(_endpoints.items()):
            if known[0] - since > _ENDPOINT_SECONDS:
                del _endpoints[other]  # secrets do not stay in memory longer than they are used
    return known[1]
