"""Preparing outbound messages: compose, screen, map, encode. The exchange itself is elsewhere.

One REPEATABLE READ transaction per batch reads Odoo's records and writes only the queue's own rows;
what carries control numbers is numbered, encoded and stored in a second one. They end before the
first byte leaves: what is about to leave is known, whatever happens then.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import InteropError, PolicyError
from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_connector.lib.transport import Endpoint, Outgoing
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_policy.lib.guard import Held
from odoo.addons.interop_policy.lib.policy import Screened

from ..lib.plan import Met, Plan
from ..lib.retry import Exponential
from ..lib.work import Claimed, Prepared, Verdict
from . import batches
from .batch_payloads import encoded, split_torn
from .compose import documents
from .failure import refused
from .gates import Routes, put_off
from .keys import Lookups, PolicyKey, keep_tokens, note_met
from .numbering import Numbering
from .payloads import Draft, Part, Payload, drafts, payload_of, store
from .transaction import read_committed, repeatable_read, retrying, run


def prepare(registry: Registry, claimed: list[Claimed]) -> tuple[list[Prepared], list[Verdict]]:
    """Make payloads of `claimed`; what cannot be made comes back as a verdict of its own.

    Raises KeyringError if the keyring cannot be used: then nothing was made.
    """
    routes, kept = Routes(), list[Payload]()
    prepared, verdicts, numbered = retrying(lambda: _prepare(registry, claimed, routes, kept))
    if numbered:
        unnumbered = list(kept)
        more, refusals = retrying(lambda: _number(registry, numbered, routes, kept, unnumbered))
        prepared, verdicts = prepared + more, verdicts + refusals
    put_off(registry, routes)
    if kept:
        batches.await_release(registry, kept)
    return prepared, verdicts


def _prepare(
    registry: Registry, claimed: list[Claimed], routes: Routes, kept: list[Payload]
) -> tuple[list[Prepared], list[Verdict], list[Draft]]:
    """The third are those that need control numbers; nothing of them is stored yet.

    `kept` takes the payloads that a person has to release.
    """
    kept.clear()
    with repeatable_read(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        payloads: list[Payload] = []
        verdicts: list[Verdict] = []
        numbered: list[Draft] = []
        met: list[Met] = []
        routes.look(cr, claimed)
        by_flow: dict[int, list[Claimed]] = defaultdict(list)
        for message in claimed:
            by_flow[message.flow_id].append(message)
        for flow_id, messages in by_flow.items():
            try:
                version_id, plan = env["interop.flow.version"]._plan_of(flow_id)
            except InteropError as error:
                verdicts += [refused(message, error, Exponential()) for message in messages]
                continue
            if routes.keep_back(plan, messages):
                continue
            for message in messages:
                message.under(plan)
            again, fresh = _seen_before(env, plan, version_id, messages)
            payloads += again
            fresh, torn = split_torn(env, plan, version_id, fresh)
            verdicts += torn
            parts, failed = _parts(env, plan, version_id, fresh, met)
            verdicts += failed
            made = drafts(plan, version_id, parts)
            if plan.rules:
                numbered += made
            else:
                payloads += encoded(made, verdicts)
        fresh_payloads = [payload for payload in payloads if payload.interchange_id is None]
        batches.note_composed(env, fresh_payloads, store(env, fresh_payloads))
        note_met(env, met)
        return _hand_over(env, payloads, verdicts, routes, kept), verdicts, numbered


def _number(
    registry: Registry,
    found: list[Draft],
    routes: Routes,
    kept: list[Payload],
    before: list[Payload],
) -> tuple[list[Prepared], list[Verdict]]:
    """Number, encode and store `found`, in a transaction of its own.

    READ COMMITTED: under REPEATABLE READ each lane that waited for another one's counter would end
    in an error, and what was composed would be composed again.
    """
    kept[:] = before
    with read_committed(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        messages = [message for draft in found for message in draft.messages]
        leases = {"id": [m.id for m in messages], "token": [m.token for m in messages]}
        held = {row["id"] for row in run(cr, "hold_leases", **leases)}
        found = [draft for draft in found if all(m.id in held for m in draft.messages)]
        numbering = Numbering(env, registry, [draft.numbered for draft in found])
        payloads: list[Payload] = []
        verdicts: list[Verdict] = []
        for draft in found:
            try:
                numbers = numbering.numbers(draft.numbered)
                payloads.append(payload_of(draft, numbers))
            except psycopg2.Error:
                raise
            except Exception as failure:
                # Its numbers were not taken: the next payload has them.
                verdicts += [
                    refused(message, failure, draft.plan.retry, version_id=draft.version_id)
                    for message in draft.messages
                ]
                continue
            numbering.keep(draft.numbered)
        numbering.note()
        batches.note_composed(env, payloads, store(env, payloads))
        return _hand_over(env, payloads, verdicts, routes, kept), verdicts


# What an interchange says of a payload that was made before.
_KNOWN = ["uuid", "idempotency_key", "document_count", "digest", "shapes", "version_digest"]


def _seen_before(
    env, plan: Plan, version_id: int, messages: list[Claimed]
) -> tuple[list[Payload], list[Claimed]]:
    """A further try sends the very same bytes under the very same key.

    Returns those payloads, and the messages that have none: because they are new, or because not
    all that travelled with them are here (one was cancelled, say). These are composed afresh.
    """
    facts: dict[int, dict] = {}
    members: dict[int, list[Claimed]] = defaultdict(list)
    # A worker that died may have prepared a message without anything saying so on its row.
    lost = {m.uuid: m for m in messages if not m.interchange_id and m.claims > 1}
    if lost:
        for row in run(env.cr, "find_prepared", keys=list(lost)):
            members[row["id"]] = [lost[row["idempotency_key"]]]
            facts[row["id"]] = row | {"document_count": 1}
    for message in messages:
        if message.interchange_id:
            members[message.interchange_id].append(message)
    interchanges = env["interop.interchange"].browse(key for key in members if key not in facts)
    for row in interchanges.read(_KNOWN, load=""):
        facts[row["id"]] = row
    whole = {
        key: sorted(group, key=lambda message: message.position)
        for key, group in members.items()
        if len(group) == facts[key]["document_count"]
    }
    opened = env["interop.vault"]._open_many([(facts[key]["uuid"], "payload") for key in whole])
    for key, group in whole.items():
        _know_again(group, facts[key])
    payloads = [
        Payload(
            messages=group,
            plan=plan,
            version_id=version_id,
            content=opened.pop((facts[key]["uuid"], "payload")),
            uuid=facts[key]["uuid"],
            key=facts[key]["idempotency_key"],
            interchange_id=key,
        )
        for key, group in whole.items()
    ]
    known = {message.id for payload in payloads for message in payload.messages}
    return payloads, [message for message in messages if message.id not in known]


def _know_again(messages: list[Claimed], facts: dict) -> None:
    """Note on `messages`, in the order of their payload, by which version it was made and so on.

    Payloads from before that was kept say nothing of it.
    """
    shapes = (facts["shapes"] or "").split()
    for place, message in enumerate(messages):
        message.digest = facts["digest"] or ""
        message.version_digest = facts["version_digest"] or message.version_digest
        message.shape = shapes[place] if len(shapes) == len(messages) else ""


def _parts(
    env, plan: Plan, version_id: int, messages: list[Claimed], met: list[Met]
) -> tuple[list[Part], list[Verdict]]:
    """`met` takes what the messages are found by."""
    parts, verdicts = [], []
    key, lookups = PolicyKey(env), Lookups(env)
    for message, outcome in documents(env, plan, messages):
        try:
            if isinstance(outcome, Exception):
                raise outcome
            # Also of what is refused next: its document may be kept.
            met.append(Met(message.id))
            plan.meet(outcome.body, met[-1])
            screened = _shown(env, plan, message, outcome, key, lookups)
            shape = plan.shapes.left(screened.fields)
            parts.append(Part(message, outcome, screened.body, shape, screened.tokens))
            if screened.findings:
                message.masked = tuple((each.path, each.kind) for each in screened.findings)
        except KeyringError:
            raise  # the lane's matter, not this message's
        except Exception as failure:
            verdicts.append(refused(message, failure, plan.retry, version_id=version_id))
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


def _hand_over(
    env, payloads: list[Payload], verdicts: list[Verdict], routes: Routes, kept: list[Payload]
) -> list[Prepared]:
    """Everything an exchange needs, for the payloads whose leases this lane still holds.

    Batches that nobody has released yet go to `kept` instead.
    """
    if not payloads:
        return []
    if waiting := batches.unreleased(env, payloads):
        kept += waiting
        payloads = [payload for payload in payloads if payload not in waiting]
    messages = [message for payload in payloads for message in payload.messages]
    leases = {"id": [m.id for m in messages], "token": [m.token for m in messages]}
    held = {row["id"] for row in run(env.cr, "still_held", **leases)}
    endpoints: dict[tuple[str, int | None], Endpoint] = {}
    prepared = []
    for payload in payloads:
        if any(message.id not in held for message in payload.messages):
            continue  # another lane has it now
        plan = payload.plan
        for message in payload.messages:
            message.interchange_id = payload.interchange_id
        chosen = routes.choose(plan, payload.messages)
        if chosen is None:
            # The message that was to try the endpoint could not be made; those beside it wait.
            routes.keep_back(plan, payload.messages)
            continue
        facts, endpoint_id = chosen
        place = (plan.digest, endpoint_id)
        try:
            if place not in endpoints:
                endpoints[place] = _endpoint(env, plan, facts, endpoint_id)
        except KeyringError:
            raise
        except InteropError as error:
            verdicts += [refused(message, error, plan.retry) for message in payload.messages]
            continue
        prepared.append(
            Prepared(
                messages=payload.messages,
                transport=plan.transport,
                endpoint=endpoints[place],
                outgoing=Outgoing(payload.key, payload.content, plan.codec.content_type),
                retry=plan.retry,
                codec=plan.codec,
                expects_answer=bool(plan.flow["expects_answer"]),
                answer_seconds=plan.flow["answer_hours"] * 3600.0,
                interchange_id=payload.interchange_id,
                interchange_uuid=payload.uuid,
                version_id=payload.version_id,
                endpoint_id=endpoint_id,
            )
        )
    return prepared


# Resolved endpoints of this process, secrets included, for a moment: a replaced secret is in use
# at the latest after so many seconds.
_ENDPOINT_SECONDS = 5.0
_endpoints: dict[tuple[str, str, int | None], tuple[float, Endpoint]] = {}


def _endpoint(
    env, plan: Plan, facts: Mapping[str, Any] | None, endpoint_id: int | None
) -> Endpoint:
    key = (env.cr.dbname, plan.digest, endpoint_id)
    known = _endpoints.get(key)
    if known is None or time.monotonic() - known[0] > _ENDPOINT_SECONDS:
        connector = {**plan.connector, "endpoints": [facts]} if facts else plan.connector
        known = (time.monotonic(), env["interop.connector"]._resolve_endpoint(connector))
        _endpoints[key] = known
        for other, (since, _old) in list(_endpoints.items()):
            if known[0] - since > _ENDPOINT_SECONDS:
                del _endpoints[other]  # secrets do not stay in memory longer than they are used
    return known[1]
