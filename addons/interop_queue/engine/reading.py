"""Reading inbound payloads: what documents stand in them, and where each of them is kept."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator, Sequence

from odoo.api import Environment

from odoo.addons.interop_base.lib.failures import DataError, InteropError
from odoo.addons.interop_document.lib.canonical import quick_json, read_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.plan import Met, Plan
from ..lib.work import Claimed
from .keys import Lookups, PolicyKey, Resolver
from .transaction import insert_messages, run

# Payloads up to this size are opened together and stay in memory while their batch runs; of larger
# ones there is one at a time.
SMALL = 256 * 1024
# So much is sealed at once while a large payload is split.
SEALED_AT_ONCE = 4 * 1024 * 1024


class Reading:
    """The payloads of a batch, each opened and decoded once however many messages share it."""

    def __init__(self, env: Environment, messages: Sequence[Claimed]) -> None:
        self.env = env
        self._key = PolicyKey(env)
        self._lookups = Lookups(env)
        interchanges = env["interop.interchange"].browse(
            {message.interchange_id for message in messages if message.interchange_id}
        )
        kept = interchanges.exists()
        self._places = {each.id: (each.uuid, each.size) for each in kept}
        self._digests = {each.id: each.digest or "" for each in kept}
        small = [message for message in messages if self._is_small(message)]
        self._stored = self._open([message.uuid for message in small], "document")
        self._known = {message.uuid for message in small}
        fresh = {m.interchange_id for m in small if m.uuid not in self._stored}
        self._raw = self._open([self._places[each][0] for each in fresh], "payload")
        self._bodies: dict[int, list[dict]] = {}
        self.met: list[Met] = []
        """What the messages that were read are found by."""

    def document(self, plan: Plan, message: Claimed) -> tuple[Document, bool]:
        """The document of `message`, and whether it is sealed already.

        Makes messages of the payload's other documents, once. Raises an InteropError for what
        cannot be read.
        """
        data = self._stored.pop(message.uuid, None)
        if data is None and message.uuid not in self._known:
            data = self._open([message.uuid], "document").get(message.uuid)
        if data is not None:
            return Document(plan.document_type, plan.document_version, read_json(data)), True
        bodies = self._decoded(plan, message)
        if message.position >= len(bodies):
            raise DataError("The payload holds fewer documents than when it came in.")
        if not message.position and len(bodies) > 1:
            self._split(plan, message, bodies)
        body = bodies[message.position]
        resolve = Resolver(self.env, plan, message, self._key)
        met = self._meet(message.id)
        lookup = self._lookups.of(plan, message.company_id)
        return plan.taken_in(body, message.company_id, self._key, resolve, met, lookup), False

    def _meet(self, message_id: int) -> Met:
        """To be filled with what that message is found by."""
        self.met.append(Met(message_id))
        return self.met[-1]

    def digest(self, message: Claimed) -> str:
        """Keyed digest of the payload that it came in."""
        return self._digests.get(message.interchange_id, "")

    def forget(self, message: Claimed) -> None:
        """Let go of a large payload when the last message of it has been handled."""
        if not self._is_small(message):
            self._bodies.pop(message.interchange_id, None)

    def is_small(self, message: Claimed) -> bool:
        """Whether its document may be kept in memory for a while."""
        return self._is_small(message)

    def _decoded(self, plan: Plan, message: Claimed) -> list[dict]:
        bodies = self._bodies.get(message.interchange_id)
        if bodies is not None:
            return bodies
        if not self._is_small(message):
            for other in [each for each in self._bodies if self._places[each][1] > SMALL]:
                del self._bodies[other]
        bodies = [each.document_body for each in plan.codec.decode(self._payload(message))]
        if not bodies:
            raise DataError("The payload holds no document.")
        self._bodies[message.interchange_id] = bodies
        return bodies

    def _payload(self, message: Claimed) -> io.BytesIO:
        place = self._places.get(message.interchange_id)
        if place is None:
            raise DataError("The payload of this message is not kept any more.")
        # Popped, so that nothing but the stream holds the bytes while they are decoded.
        raw = self._raw.pop(place[0], None)
        if raw is None:
            raw = self.env["interop.vault"]._open(place[0], "payload")
        return io.BytesIO(raw)

    def _is_small(self, message: Claimed) -> bool:
        place = self._places.get(message.interchange_id)
        return place is not None and place[1] <= SMALL

    def _open(self, uuids: Iterable[str], kind: str) -> dict[str, bytes]:
        opened = self.env["interop.vault"]._open_many([(each, kind) for each in uuids])
        return {key: data for (key, _kind), data in opened.items()}

    def _split(self, plan: Plan, message: Claimed, bodies: list[dict]) -> None:
        """A payload of several documents becomes several messages, once.

        Not in the savepoint of the first one: the others come into being whatever becomes of it.
        """
        cr = self.env.cr
        [siblings] = run(cr, "count_siblings", interchange_id=message.interchange_id)
        if siblings["found"] > 1:
            return
        count = len(bodies)
        rows = [self._sibling(plan, message, position, count) for position in range(1, count)]
        ids = insert_messages(cr, rows)
        vault = self.env["interop.vault"]
        for sealings in _portions(self._sound(plan, zip(ids, rows, bodies[1:], strict=True))):
            vault._seal_many(sealings, fresh=True)

    def _sound(self, plan: Plan, siblings: Iterable[tuple[int, dict, dict]]) -> Iterator[Sealing]:
        """Those that are sound need not be decoded again; the others meet their fault alone."""
        for message_id, row, body in siblings:
            if plan.resolves_tokens:
                continue  # each by itself, with an entry of its own in the audit trail
            met = self._meet(message_id)
            try:
                taken = plan.taken_in(
                    body,
                    row["company_id"],
                    self._key,
                    met=met,
                    lookup=self._lookups.of(plan, row["company_id"]),
                )
            except InteropError:
                continue
            data = quick_json(taken.body)
            yield Sealing(row["uuid"], "document", data, plan.retention_class)

    def _sibling(self, plan: Plan, message: Claimed, position: int, count: int) -> dict:
        return {
            "uuid": str(uuid.uuid4()),
            "flow_id": message.flow_id,
            "connector_id": message.connector_id,
            "company_id": message.company_id,
            "area_id": message.area_id,
            "direction": "in",
            "document_type": f"{plan.document_type} {plan.document_version}",
            "priority": message.priority,
            "chain": message.chain,
            "partner_id": message.partner_id,
            "interchange_id": message.interchange_id,
            "position": position,
            "size": message.size // count,
        }


def _portions(sealings: Iterator[Sealing]) -> Iterator[list[Sealing]]:
    portion: list[Sealing] = []
    size = 0
    for sealing in sealings:
        portion.append(sealing)
        size += len(sealing.data)
        if size >= SEALED_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion
