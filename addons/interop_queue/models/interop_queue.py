import logging
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg2

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.refs import Sealing

from ..engine.snapshots import keep_as_of_event
from ..engine.transaction import insert_messages, run
from ..engine.wake import wake_after_commit
from ..lib.batching import GATHERED
from ..lib.chains import chain_name
from ..lib.modes import BATCH, DIRECT
from ..lib.priorities import NORMAL
from ..lib.routing import chosen, needed_first
from ..lib.subscription import Subscription

_logger = logging.getLogger(__name__)

DEFAULT_PRIORITY = NORMAL


def _gathering(minutes: int) -> float:
    """Seconds to the next full interval of `minutes`."""
    interval = minutes * 60
    return interval - time.time() % interval if interval else 0.0


def _needed_first(
    flows: Sequence[Subscription], rows: list[dict], about: list[tuple]
) -> tuple[list[dict], list[tuple]]:
    """What others wait for gets the lower ids, as messages wait for lower ids only."""
    places = {flow.id: place for place, flow in enumerate(needed_first(flows))}
    order = sorted(range(len(rows)), key=lambda number: places[about[number][0].id])
    return [rows[number] for number in order], [about[number] for number in order]


class InteropQueue(models.AbstractModel):
    """The door into the queue for Odoo's business: one call, inside the business transaction."""

    _name = "interop.queue"
    _description = "Integration Queue"

    @api.model
    def _emit(self, event: str, records: models.BaseModel, delay: float = 0.0) -> int:
        """Put one message per record and live flow into the queue; return how many.

        They exist exactly if the caller's transaction commits. Only inserts: documents are composed
        later, by a lane. `delay` is in seconds. Never fails the caller's own act: a fault of ours
        is logged, noted in the audit trail and undone to a savepoint. What PostgreSQL asks to be
        run again as a whole (serialization, deadlock) is let through.
        """
        try:
            with self.env.cr.savepoint():
                return self._insert(event, records, delay)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as failure:
            # Type only: the text of a database error may carry values.
            _logger.error(
                "Event %s could not be put into the queue for %s: %s",
                event,
                records,
                type(failure).__name__,
                exc_info=not isinstance(failure, psycopg2.Error),
            )
            for record in records:
                self.env["interop.audit"]._record(
                    "event.not_queued", record=record, outcome="failed", details={"event": event}
                )
            return 0

    @api.model
    def _emit_documents(
        self,
        event: str,
        documents: Sequence[Document],
        *,
        company_id: int | None = None,
        order_keys: Sequence[str | None] | None = None,
        priority: int | None = None,
        delay: float = 0.0,
    ) -> list[str]:
        """Put documents that are composed already into the queue; return their messages' ids.

        One message per document and live flow that listens to `event` for the company (the present
        one unless given). The documents are sealed in the caller's transaction: message and content
        exist exactly if it commits. Which messages wait for each other is told by `order_keys`, one
        per document (None: for no other); by default by the business key. How urgent they are is
        the flow's own setting, unless `priority` says so. Unlike `_emit` this
        raises if it fails, as the document exists nowhere else.
        """
        flows = self._listening(event) if documents else ()
        company = company_id or self.env.company.id
        fitting = [flow for flow in flows if flow.company_id in (False, company)]
        fitting = [flow for flow in fitting if flow.company_id] or fitting
        keys = order_keys or [document.business_key or None for document in documents]
        rows, sealings = [], []
        if unjudged := [flow for flow in fitting if flow.condition]:
            raise DataError(
                f"Flow {unjudged[0].id} has a condition, and what this event brings is no record "
                "that it could be judged by."
            )
        for document, key in zip(documents, keys, strict=True):
            body = quick_json(document.body, plain=document.plain)
            for flow in fitting:
                if flow.document_type != document.name:
                    raise DataError(
                        f"The event {event} goes to a flow for {flow.document_type}, and this is a "
                        f"{document.name}."
                    )
                row = self._row(flow, event, company, key, priority, delay)
                row |= {"business_key": document.business_key or None, "size": len(body)}
                rows.append(row)
                sealings.append(Sealing(row["uuid"], "document", body, flow.retention_class))
        if rows:
            insert_messages(self.env.cr, rows)
            self.env["interop.vault"]._seal_many(sealings, fresh=True)
            wake_after_commit(self.env)
        return [row["uuid"] for row in rows]

    def _insert(self, event: str, records: models.BaseModel, delay: float) -> int:
        flows = self._listening(event) if records else ()
        return self._put(flows, event, records, delay) if flows else 0

    def _put(
        self,
        flows: tuple[Subscription, ...],
        event: str,
        records: models.BaseModel,
        delay: float,
        priority: int | None = None,
        only: int | None = None,
    ) -> int:
        """`only`: of the flows that take a record, this one alone."""
        routing = self.env["interop.routing"]
        # Most flows have no condition: then nothing is searched.
        admitted, broken = {}, frozenset()
        if any(flow.condition for flow in flows):
            admitted, broken = routing._admitted(flows, records)
            if only and broken:
                raise DataError("A published condition of a flow for this event does not work.")
        rows, about = [], []
        for record in records.sudo():
            company_id = self._company_of(record)
            for flow in self._chosen(flows, record, company_id, admitted):
                if only and flow.id != only:
                    continue
                if only:
                    self.env[flow.handler]._make_ready(record)
                key = self.env[flow.handler]._order_key(record)
                rows.append(
                    self._row(flow, event, company_id, key, priority, delay)
                    | {
                        "business_key": record.display_name,
                        "partner_id": self._partner_of(record),
                        "res_model": record._name,
                        "res_id": record.id,
                        "as_of_event": flow.as_of_event,
                    }
                )
                about.append((flow, record))
        if rows:
            if any(flow.waits for flow in flows):
                rows, about = _needed_first(flows, rows, about)
            ids = insert_messages(self.env.cr, rows)
            waiting = [
                (message_id, flow, record)
                for message_id, (flow, record) in zip(ids, about, strict=True)
                if flow.waits
            ]
            if waiting:
                routing._note_needs(waiting)
            if any(flow.as_of_event for flow in flows):
                keep_as_of_event(self.env, [row for row in rows if row["as_of_event"]])
            if broken:
                routing._set_aside(
                    [i for i, (flow, _record) in zip(ids, about, strict=True) if flow.id in broken]
                )
            wake_after_commit(self.env)
        return len(rows)

    def _listening(self, event: str) -> tuple[Subscription, ...]:
        """Live flows that `event` puts messages into: not those whose caller waits."""
        flows = self.env["interop.flow"]._subscribed(event)
        return tuple(flow for flow in flows if flow.mode != DIRECT)

    @api.model
    def _emit_through(self, flow_id: int, records: models.BaseModel, priority: int) -> int:
        """Put one message per record into the queue for one flow, as if its event happened now.

        Only for those that the event would bring to this flow. Unlike `_emit` this raises if it
        fails; returns how many there are.
        """
        flow = self.env["interop.flow"].sudo().browse(flow_id)
        event = flow._published_event()
        flows = self._listening(event)
        if not any(each.id == flow_id for each in flows):
            raise DataError("The flow is not live.")
        return self._put(flows, event, records, 0.0, priority, only=flow_id)

    @api.model
    def _backlog(self, connector_id: int, limit: int) -> int:
        """Outbound messages of a connector that have not left; beyond the limit not counted."""
        [row] = run(self.env.cr, "backlog", connector_id=connector_id, limit=limit)
        return row["waiting"]

    def _row(
        self,
        flow: Subscription,
        event: str,
        company_id: int,
        order_key: str | None,
        priority: int | None,
        delay: float,
    ) -> dict[str, Any]:
        gathers = flow.mode == BATCH
        return {
            "uuid": str(uuid.uuid4()),
            "flow_id": flow.id,
            "connector_id": flow.connector_id,
            "company_id": company_id,
            "area_id": flow.area_id,
            "direction": "out",
            "document_type": flow.document_type,
            "event": event,
            "priority": flow.priority if priority is None else priority,
            "delay": delay or (0.0 if gathers else _gathering(flow.batch_minutes)),
            "held": GATHERED if gathers else None,
            "chain": chain_name(flow.id, {"record": order_key, "flow": "*"}.get(flow.order_by)),
        }

    def _chosen(
        self,
        flows: tuple[Subscription, ...],
        record: models.BaseModel,
        company_id: int,
        admitted: Mapping[int, Collection[int]],
    ) -> list[Subscription]:
        """The flows that `record` goes to: its company's own ones, else those shared by all.

        `admitted`: per flow with a condition the ids of the records that fit.
        """
        fitting = [
            flow
            for flow in flows
            if flow.company_id in (False, company_id)
            and (flow.id not in admitted or record.id in admitted[flow.id])
            and self.env[flow.handler]._concerns(record, flow.id)
        ]
        return chosen([flow for flow in fitting if flow.company_id] or fitting)

    @api.model
    def _company_of(self, record: models.BaseModel) -> int:
        has_company = "company_id" in record._fields
        return (has_company and record.company_id.id) or self.env.company.id

    @api.model
    def _partner_of(self, record: models.BaseModel) -> int | None:
        field = record._fields.get("partner_id")
        if field is None or field.comodel_name != "res.partner":
            return None
        return record.partner_id.commercial_partner_id.id or None
