from collections.abc import Sequence
from datetime import datetime
from typing import Any

from odoo import api, models
from odoo.fields import Domain

#: What the vault's places are called in a bundle.
DIGESTS = """
SELECT uuid::text, kind, generation, digest, clear_size, created_at AT TIME ZONE 'UTC'
  FROM interop_vault_content WHERE uuid = ANY(%s::uuid[]) ORDER BY uuid, kind, generation
"""

#: Messages that carry a number, exactly: as business key, of which what stands on paper comes
#: first, or within their document. Both ways have an index on the text in small letters.
NUMBERED = """
SELECT id FROM interop_message
 WHERE lower(business_key) = %(number)s OR lower(business_key) LIKE %(revisions)s
UNION
SELECT message_id FROM interop_message_reference
 WHERE lower(value) = %(number)s AND kind IN ('order', 'invoice', 'shipment')
"""


class InteropEvidenceFacts(models.AbstractModel):
    """What an evidence bundle tells of messages beside the trail: references, states and times.

    Never content, and nothing that names a person a document is about. Reads with the engine's
    eyes (``sudo``), as an auditor has no right to messages as such: which messages are told of is
    decided by `_seen`, by the company and business area of whoever asks.
    """

    _name = "interop.evidence.facts"
    _description = "Evidence: Facts of Messages"

    # -- who may see what ----------------------------------------------------------------------

    @api.model
    def _seen(self) -> Domain:
        """What an auditor's own companies and business areas hold; a manager's are all areas."""
        domain = Domain("company_id", "in", [*self.env.companies.ids, False])
        if self.env.user.has_group("interop_base.group_manager"):
            return domain
        return domain & Domain("area_id", "in", self.env.user.interop_area_ids.ids)

    @api.model
    def _messages(self, domain: Domain) -> models.BaseModel:
        """The messages that one may see, the oldest first."""
        return self.env["interop.message"].sudo().search(domain & self._seen(), order="id")

    @api.model
    def _numbered(self, number: str) -> list[int]:
        """Ids of the messages that carry exactly this number of an order, invoice or delivery."""
        wanted = number.strip().lower()
        if not wanted:
            return []
        literal = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        self.env.cr.execute(NUMBERED, {"number": wanted, "revisions": f"{literal}/%"})
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _may_see_entry(self, company_id: int | None, area_id: int | None) -> bool:
        """Entries of no company or area are of the installation as a whole."""
        if company_id and company_id not in self.env.companies.ids:
            return False
        if not area_id or self.env.user.has_group("interop_base.group_manager"):
            return True
        return area_id in self.env.user.interop_area_ids.ids

    # -- where in the trail --------------------------------------------------------------------

    @api.model
    def _selectors(
        self, messages: models.BaseModel, record: tuple[str, int] | None = None
    ) -> dict[str, Any]:
        """Which entries concern these messages, for `interop.audit.bundling._entries_about`."""
        payloads = messages.interchange_id
        return {
            "subjects": [*messages.mapped("uuid"), *payloads.mapped("uuid")],
            "records": [
                *((messages._name, number) for number in messages.ids),
                *((payloads._name, number) for number in payloads.ids),
                *(("interop.exception", number) for number in self._exceptions(messages).ids),
                *([record] if record else []),
            ],
            "published": [
                ("interop.flow", version.flow_id.id, version.digest)
                for version in messages.version_id
            ],
        }

    def _exceptions(self, messages: models.BaseModel) -> models.BaseModel:
        return (
            self.env["interop.exception"]
            .sudo()
            .search(Domain("message_id", "in", messages.ids) & self._seen(), order="id")
        )

    # -- what is told --------------------------------------------------------------------------

    @api.model
    def _facts(self, messages: models.BaseModel) -> dict[str, Any]:
        """Messages, payloads with their attempts, exceptions; JSON of texts, numbers and lists."""
        payloads = messages.interchange_id
        digests = self._digests([*messages.mapped("uuid"), *payloads.mapped("uuid")])
        return {
            "messages": [self._message(each, digests) for each in messages],
            "payloads": [self._payload(each, messages, digests) for each in payloads],
            "exceptions": [
                {
                    "number": each.id,
                    "message": each.message_uuid or None,
                    "kind": each.kind,
                    "state": each.state,
                    "area": each.area_id.name,
                    "decision": each.resolution or None,
                    "decided_by": each.resolved_by_id.name or None,
                    "decided_at": _moment(each.resolved_at),
                }
                for each in self._exceptions(messages)
            ],
        }

    def _message(self, message: models.BaseModel, digests: dict[str, list]) -> dict[str, Any]:
        return {
            "uuid": message.uuid,
            "direction": message.direction,
            "document_type": message.document_type or None,
            "business_key": message.business_key or None,
            "event": message.event or None,
            "record": [message.res_model, message.res_id] if message.res_id else None,
            "flow": message.flow_id.name,
            "connector": message.connector_id.name,
            "system": message.connector_id.system_id.name,
            "company": message.company_id.name or None,
            "area": message.area_id.name,
            "state": message.state,
            "failure_class": message.failure_class or None,
            "failure": message.failure or None,
            "attempts": message.attempts,
            "claims": message.claims,
            "accepted_at": _moment(message.created_at),
            "sent_at": _moment(message.sent_at),
            "ended_at": _moment(message.done_at),
            "answered_at": _moment(message.answered_at),
            "purged_at": _moment(message.purged_at),
            "payload": message.interchange_id.uuid or None,
            "position": message.position,
            "answer_to": message.answers_id.uuid or None,
            "sent_again_from": message.resent_from_id.uuid or None,
            "version": message.version_id.digest or None,
            "digests": digests.get(message.uuid, []),
        }

    def _payload(
        self, payload: models.BaseModel, messages: models.BaseModel, digests: dict[str, list]
    ) -> dict[str, Any]:
        tries = payload.attempt_ids.filtered(
            lambda each: not each.message_id or each.message_id in messages
        )
        return {
            "uuid": payload.uuid,
            "direction": payload.direction,
            "state": payload.state,
            "acknowledgement": payload.acknowledgement_state or None,
            "control_number": payload.control_number or None,
            "idempotency_key": payload.idempotency_key or None,
            "content_type": payload.content_type or None,
            "size": payload.size,
            "documents": payload.document_count,
            "digest": payload.digest or None,
            "remote_addr": payload.remote_addr or None,
            "stored_at": _moment(payload.created_at),
            "purged_at": _moment(payload.purged_at),
            "digests": digests.get(payload.uuid, []),
            "attempts": [
                {
                    "number": each.number,
                    "started_at": _moment(each.started_at),
                    "milliseconds": round(each.duration_ms),
                    "outcome": each.outcome or None,
                    "status": each.status or None,
                    "failure_class": each.failure_class or None,
                    "failure": each.failure or None,
                    "lane": each.lane or None,
                }
                for each in tries.sorted("id")
            ],
        }

    def _digests(self, uuids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Digests of what is or was sealed in the vault. Keyed: they tell nothing of content."""
        self.env.cr.execute(DIGESTS, [list(uuids)])
        found: dict[str, list[dict[str, Any]]] = {}
        for uuid, kind, generation, digest, size, at in self.env.cr.fetchall():
            found.setdefault(uuid, []).append(
                {
                    "kind": kind,
                    "generation": generation,
                    "digest": digest,
                    "size": size,
                    "sealed_at": _moment(at),
                }
            )
        return found

    @api.model
    def _versions(self, messages: models.BaseModel) -> list[dict[str, Any]]:
        """The published versions that ran these messages; `_with_texts` adds their texts."""
        return [
            {
                "title": version.display_name,
                "flow": version.flow_id.code,
                "number": version.number,
                "digest": version.digest,
                "published_at": _moment(version.published_at),
                "published_by": version.published_by_id.name or None,
                "parts": [
                    {"part": part.part, "name": part.name or None, "digest": part.digest}
                    for part in version.part_ids
                ],
            }
            for version in messages.version_id.sorted(lambda each: (each.flow_id.code, each.number))
        ]

    @api.model
    def _with_texts(self, versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same with the text of each: snapshots never change."""
        found = (
            self.env["interop.snapshot"]
            .sudo()
            .search([("digest", "in", [each["digest"] for each in versions])])
        )
        texts = {each.digest: each.text for each in found}
        return [{**each, "text": texts[each["digest"]]} for each in versions]


def _moment(at: datetime | bool | None) -> str | None:
    """A time as Odoo has it (UTC) in ISO 8601."""
    return f"{at.isoformat(timespec='milliseconds')}Z" if at else None
