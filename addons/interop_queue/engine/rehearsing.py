"""Rehearsing: messages through a version of their flow, without sending and without writing.

All of it happens in READ ONLY transactions that end without a commit: what tries to write there
fails, PostgreSQL sees to that. Control numbers are those that the payload had, or the first one;
tokens are made and not kept.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import DataError, InteropError
from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_document.lib.canonical import read_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.sealing import VaultError

from ..lib.plan import Plan, compile_plan
from ..lib.rehearsal import (
    CHANGED,
    IMPOSSIBLE,
    MAKEABLE,
    SAME,
    Rehearsed,
    changes_between,
    encrypted,
)
from ..lib.screening import Trial
from ..lib.work import Claimed
from .compose import documents
from .failure import classify
from .keys import Lookups, PolicyKey, Resolver

LIVE, DRAFT = "live", "draft"
# Messages whose records and payloads are in memory at once.
TOGETHER = 200
Opened = dict[tuple[str, str], bytes]


@contextmanager
def nothing_written(registry: Registry) -> Iterator[api.Environment]:
    """An environment in which nothing can be written, and that leaves nothing behind."""
    with registry.cursor() as cr:
        # Of the connection: what composes may roll back, and goes on in a further transaction.
        cr.connection.readonly = True
        try:
            yield api.Environment(cr, SUPERUSER_ID, {})
        finally:
            cr.rollback()
            cr.connection.readonly = None


def rehearse(registry: Registry, ids: Sequence[int], against: str = LIVE) -> list[Rehearsed]:
    """Run messages through today's version of their flows, or its draft. In the order of `ids`."""
    done: dict[int, Rehearsed] = {}
    for start in range(0, len(ids), TOGETHER):
        with nothing_written(registry) as env:
            for each in _batch(env, ids[start : start + TOGETHER], against):
                done[each.message_id] = each
    return [done[each] for each in ids if each in done]


def _batch(env: api.Environment, ids: Sequence[int], against: str) -> Iterator[Rehearsed]:
    messages = env["interop.message"].browse(ids).exists()
    for flow, group in messages.grouped("flow_id").items():
        try:
            plan = plan_of(flow, against)
        except (InteropError, UserError) as problem:
            for message in group:
                yield _impossible(message.id, problem)
            continue
        run = _Run(env, plan, group)
        yield from run.inbound() if plan.flow["direction"] == "in" else run.outbound()


def plan_of(flow: Any, against: str) -> Plan:
    """The flow as it would run now. Raises an `InteropError` or `UserError` that says why not."""
    if against == DRAFT:
        text = flow._trial_text()
        if isinstance(text, Exception):
            raise text
    elif not flow.version_id:
        raise DataError("The flow has no published version.")
    else:
        text = flow.version_id.snapshot_id.text
    return compile_plan("", text, Trial(datetime.now(UTC).date(), encrypted))


class _Run:
    """Messages of one flow, all read at once."""

    def __init__(self, env: api.Environment, plan: Plan, messages: Any) -> None:
        self.env, self.plan, self.messages = env, plan, messages
        self.key, self.lookups = PolicyKey(env), Lookups(env)
        self.claimed = {message.id: _claimed(message) for message in messages}
        self.facts = {
            each.id: (each.uuid, each.control_numbers) for each in messages.interchange_id
        }
        self.masked = {each.id for each in messages if each.masks_once}
        self.purged = {each.id for each in messages if each.purged_at}
        self._bodies: dict[int, list[Any]] = {}
        self._came: dict[int, tuple[list[Any], Exception | None]] = {}
        self.then = self._opened(
            [(uuid, "payload") for uuid, _numbers in self.facts.values()]
            + [(each.uuid, "document") for each in messages if each.direction == "in"]
        )

    def outbound(self) -> Iterator[Rehearsed]:
        whole = [
            each for each in self.claimed.values() if each.res_id or each.id not in self.purged
        ]
        for lost in self.claimed.keys() - {each.id for each in whole}:
            yield _impossible(lost, _Purged())
        for message, outcome in self._composed(whole):
            try:
                if isinstance(outcome, Exception):
                    raise outcome
                yield self._judged(message, self._made(message, outcome))
            except Exception as failure:
                yield _impossible(message.id, failure)

    def inbound(self) -> Iterator[Rehearsed]:
        """As far as the document: applying it would be business."""
        for message in self.claimed.values():
            try:
                body = self._received(message)
                resolve = Resolver(self.env, self.plan, message, self.key)
                lookup = self.lookups.of(self.plan, message.company_id)
                taken = self.plan.taken_in(
                    body, message.company_id, self.key, resolve, lookup=lookup
                ).body
                data = self.then.get((message.uuid, "document"))
                yield self._compared(message, read_json(data) if data else None, taken)
            except Exception as failure:
                yield _impossible(message.id, failure)

    def _composed(self, messages: list[Claimed]) -> list[tuple[Claimed, Document | Exception]]:
        """A snapshot that was purged fails alone."""
        try:
            return documents(self.env, self.plan, messages)
        except (InteropError, KeyringError) as failure:
            if len(messages) == 1:
                return [(messages[0], failure)]
        return [each for message in messages for each in self._composed([message])]

    def _made(self, message: Claimed, document: Document) -> bytes:
        """The payload that would leave."""
        plan = self.plan
        shown = plan.shown(
            document,
            message.company_id,
            self.key,
            masking=message.id in self.masked,
            lookup=self.lookups.of(plan, message.company_id),
        )
        known = self.facts.get(message.interchange_id or 0, ("", ""))[1]
        numbers = dict.fromkeys(plan.rules, 1) | (json.loads(known) if known else {})
        return plan.encode([shown.body], {"message": message.uuid}, numbers)

    def _judged(self, message: Claimed, content: bytes) -> Rehearsed:
        """What would leave beside what left; nothing is kept of what was purged."""
        if message.id in self.purged:
            return Rehearsed(message.id, MAKEABLE)
        if content == self._payload(message):
            return Rehearsed(message.id, SAME)  # to the byte: nothing to be read
        return self._compared(message, self._place(message), self._read(content)[0])

    def _received(self, message: Claimed) -> Any:
        if message.id in self.purged:
            raise _Purged()
        data = self._payload(message)
        if data is None:
            raise DataError("The payload of this message is not kept any more.")
        number = message.interchange_id or 0
        if number not in self._came:
            self._came[number] = self._decoded(data)
        bodies, problem = self._came[number]
        if message.position < len(bodies):
            return bodies[message.position]
        raise problem or DataError("The payload holds fewer documents than when it arrived.")

    def _decoded(self, data: bytes) -> tuple[list[Any], Exception | None]:
        """The documents up to the first that cannot be read, and why it cannot."""
        bodies: list[Any] = []
        try:
            for each in self.plan.codec.decode(io.BytesIO(data)):
                bodies.append(each.document_body)
        except Exception as failure:
            return bodies, failure
        return bodies, None

    def _place(self, message: Claimed) -> Any:
        number = message.interchange_id or 0
        bodies = self._bodies.get(number)
        if bodies is None:
            data = self._payload(message)
            bodies = self._bodies[number] = self._read(data) if data else []
        return bodies[message.position] if message.position < len(bodies) else None

    def _payload(self, message: Claimed) -> bytes | None:
        uuid, _numbers = self.facts.get(message.interchange_id or 0, ("", ""))
        return self.then.get((uuid, "payload"))

    def _read(self, content: bytes) -> list[Any]:
        """The documents in a payload; or its lines, if its codec only writes."""
        try:
            bodies = [each.document_body for each in self.plan.codec.decode(io.BytesIO(content))]
        except Exception:
            bodies = []
        return bodies or [{"text": content.decode("utf-8", "replace").splitlines()}]

    def _compared(self, message: Claimed, then: Any, now: Any) -> Rehearsed:
        if then is None:
            return Rehearsed(message.id, MAKEABLE)
        changes = tuple(changes_between(then, now))
        return Rehearsed(message.id, CHANGED if changes else SAME, changes=changes)

    def _opened(self, places: list[tuple[str, str]]) -> Opened:
        """What is kept; if something was purged, the rest one by one."""
        vault = self.env["interop.vault"]
        try:
            return dict(vault._open_many(places))
        except VaultError:
            found: Opened = {}
            for place in places:
                try:
                    found |= vault._open_many([place])
                except VaultError:
                    continue
            return found


class _Purged(DataError):
    default_sentence = "The content was purged when its time was over."


def _impossible(message_id: int, failure: Exception) -> Rehearsed:
    """Why it cannot be made. Only sentences of our own: others may quote values."""
    if isinstance(failure, psycopg2.errors.ReadOnlySqlTransaction):
        sentence = "Making it would write something, which a rehearsal does not."
        return Rehearsed(message_id, IMPOSSIBLE, "internal", sentence)
    if isinstance(failure, UserError) and not isinstance(failure, AccessError):
        return Rehearsed(message_id, IMPOSSIBLE, "business", "Odoo refuses to make it.")
    if isinstance(failure, AccessError | InteropError):
        error = classify(failure)
        return Rehearsed(message_id, IMPOSSIBLE, error.failure_class, error.sentence)
    sentence = f"Unexpected fault ({type(failure).__name__})."
    return Rehearsed(message_id, IMPOSSIBLE, "internal", sentence)


def _claimed(message: Any) -> Claimed:
    """As a claim would give it; nobody holds a lease on it."""
    return Claimed(
        id=message.id,
        uuid=message.uuid,
        flow_id=message.flow_id.id,
        connector_id=message.connector_id.id,
        company_id=message.company_id.id or None,
        area_id=message.area_id.id or None,
        direction=message.direction,
        event=message.event or None,
        chain=message.chain or None,
        res_model=message.res_model or None,
        res_id=message.res_id if message.direction == "out" and message.res_id else None,
        interchange_id=message.interchange_id.id or None,
        position=message.position,
        claims=0,
        losses=0,
        attempts=0,
        business_key=message.business_key or None,
        partner_id=message.partner_id.id or None,
        size=message.size,
        priority=message.priority,
        age=0.0,
        token="",
    )
