import logging
import time
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg2

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.refs import Sealing

from ..engine.transaction import insert_messages
from ..engine.wake import wake_after_commit
from ..lib.chains import chain_name
from ..lib.subscription import Subscription

_logger = logging.getLogger(__name__)

DEFAULT_PRIORITY = 100


def _gathering(minutes: int) -> float:
    """Seconds to the next full interval of `minutes`."""
    interval = minutes * 60
    return interval - time.time() % interval if interval else 0.0


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
        priority: int = DEFAULT_PRIORITY,
        delay: float = 0.0,
    ) -> list[str]:
        """Put documents that are composed already into the queue; return their messages' ids.

        One message per document and live flow that listens to `event` for the company (the present
        one unless given). The documents are sealed in the caller's transaction: message and content
        exist exactly if it commits. Which messages wait for each other is told by `order_keys`, one
        per document (None: for no other); by default by the business key. Unlike `_emit` this
        raises if it fails, as the document exists nowhere else.
        """
        flows = self.env["interop.flow"]._subscribed(event) if documents else ()
        company = company_id or self.env.company.id
        fitting = [flow for flow in flows if flow.company_id in (False, company)]
        fitting = [flow for flow in fitting if flow.company_id] or fitting
        keys = order_keys or [document.business_key or None for document in documents]
        rows, sealings = [], []
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
        flows = self.env["interop.flow"]._subscribed(event) if records else ()
        if not flows:
            return 0
        rows = []
        for record in records.sudo():
            company_id = self._company_of(record)
            for flow in self._chosen(flows, record, company_id):
                key = self.env[flow.handler]._order_key(record)
                rows.append(
                    self._row(flow, event, company_id, key, DEFAULT_PRIORITY, delay)
                    | {
                        "business_key": record.display_name,
                        "partner_id": self._partner_of(record),
                        "res_model": record._name,
                        "res_id": record.id,
                    }
                )
        if rows:
            insert_messages(self.env.cr, rows)
            wake_after_commit(self.env)
        return len(rows)

    def _row(
        self,
        flow: Subscription,
        event: str,
        company_id: int,
        order_key: str | None,
        priority: int,
        delay: float,
    ) -> dict[str, Any]:
        return {
            "uuid": str(uuid.uuid4()),
            "flow_id": flow.id,
            "connector_id": flow.connector_id,
            "company_id": company_id,
            "area_id": flow.area_id,
            "direction": "out",
            "document_type": flow.document_type,
            "event": event,
            "priority": priority,
            "delay": delay or _gathering(flow.batch_minutes),
            "chain": chain_name(flow.id, {"record": order_key, "flow": "*"}.get(flow.order_by)),
        }

    def _chosen(
        self, flows: tuple[Subscription, ...], record: models.BaseModel, company_id: int
    ) -> list[Subscription]:
        """The flows that `record` goes to: its company's own ones, else those shared by all."""
        fitting = [
            flow
            for flow in flows
            if flow.company_id in (False, company_id)
            and self.env[flow.handler]._concerns(record, flow.id)
        ]
        return [flow for flow in fitting if flow.company_id] or fitting

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
