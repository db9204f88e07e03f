"""What leaves as a whole: made of documents, sealed and noted before the first byte leaves."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field

from odoo.api import Environment

from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_policy.lib.context import Token
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.plan import Plan
from ..lib.shape import Shape
from ..lib.work import Claimed
from .numbering import Numbered
from .shapes import keep_shapes
from .transaction import columns, run


@dataclass(slots=True)
class Part:
    """One message's document as the partner may see it."""

    message: Claimed
    document: Document
    shown: dict = field(repr=False)
    shape: Shape
    """Of what is shown, before the mapping."""
    tokens: tuple[Token, ...] = field(default=(), repr=False)


@dataclass(slots=True)
class Payload:
    """What leaves as a whole: one message's document, or those of several."""

    messages: list[Claimed]
    plan: Plan
    version_id: int
    content: bytes = field(repr=False)
    uuid: str
    key: str
    interchange_id: int | None = None
    """None: made just now, not stored yet."""
    parts: list[Part] = field(default_factory=list, repr=False)
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def batch_id(self) -> int | None:
        """The batch that it is, if its flow gathers them."""
        return self.messages[0].batch_id

    @property
    def has_own_key(self) -> bool:
        return self.plan.batch_size > 1 or bool(self.batch_id)


@dataclass(slots=True)
class Draft:
    """What is to become a payload."""

    parts: list[Part] = field(repr=False)
    plan: Plan
    version_id: int
    uuid: str
    key: str

    @property
    def messages(self) -> list[Claimed]:
        return [part.message for part in self.parts]

    @property
    def numbered(self) -> Numbered:
        connector_id = self.parts[0].message.connector_id
        return Numbered(connector_id, self.key, len(self.parts), self.plan.rules)


def drafts(plan: Plan, version_id: int, parts: list[Part]) -> list[Draft]:
    """One payload per document, or as many documents in one as the flow wants."""
    batches: dict[int, list[Part]] = defaultdict(list)
    for part in parts:
        if part.message.batch_id:
            batches[part.message.batch_id].append(part)
    groups = [sorted(group, key=lambda part: part.message.id) for group in batches.values()]
    parts = [part for part in parts if not part.message.batch_id]
    if plan.batch_size <= 1:
        groups += [[part] for part in parts]
    else:
        by_company: dict[int | None, list[Part]] = defaultdict(list)
        for part in sorted(parts, key=lambda part: part.message.id):
            by_company[part.message.company_id].append(part)
        for same in by_company.values():
            size = plan.batch_size
            groups += [same[start : start + size] for start in range(0, len(same), size)]
    made = []
    for group in groups:
        own = str(uuid.uuid4())
        # The key that the partner sees: the message's own if it travels alone.
        alone = plan.batch_size <= 1 and not group[0].message.batch_id
        key = group[0].message.uuid if alone else own
        made.append(Draft(group, plan, version_id, own, key))
    return made


def payload_of(draft: Draft, numbers: dict[str, int] | None = None) -> Payload:
    plan, parts = draft.plan, draft.parts
    content = plan.encode([part.shown for part in parts], {"message": draft.key}, numbers)
    for part in parts:
        part.message.business_key = part.document.business_key or part.message.business_key
        if not numbers:
            part.shown = {}  # big documents are not kept in memory twice
    return Payload(
        messages=draft.messages,
        plan=plan,
        version_id=draft.version_id,
        content=content,
        uuid=draft.uuid,
        key=draft.key,
        parts=parts,
        numbers=numbers or {},
    )


def store(env: Environment, fresh: list[Payload]) -> dict[str, str]:
    """Seal documents and payloads and note the interchanges, all before anything leaves.

    Returns the payloads' keyed digests by their uuid.
    """
    if not fresh:
        return {}
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
        if part.message.res_id and not part.message.as_of_event
    ]
    vault._seal_many(composed)
    keep_shapes(env, (part.shape for payload in fresh for part in payload.parts))
    digests = {ref.uuid: ref.digest for ref in refs}
    for payload in fresh:
        for part in payload.parts:
            part.message.digest, part.message.shape = digests[payload.uuid], part.shape.digest
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
            "control_number": _control_number(payload),
            "control_numbers": quick_json(payload.numbers).decode() if payload.numbers else None,
            "shapes": " ".join(part.shape.digest for part in payload.parts),
            "version_digest": payload.plan.digest,
        }
        for payload in fresh
    ]
    inserted = run(env.cr, "insert_interchanges", **columns(rows, *rows[0]))
    ids = {row["uuid"]: row["id"] for row in inserted}
    batched = []
    for payload in fresh:
        payload.interchange_id = ids[payload.uuid]
        if payload.has_own_key:
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
    return digests


def _control_number(payload: Payload) -> str | None:
    """What people and partners call the payload by."""
    number = payload.numbers.get("interchange")
    return None if number is None else payload.plan.rules["interchange"].text(number)
