import logging
import uuid

import psycopg2

from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..engine.transaction import columns
from ..engine.wake import wake_after_commit
from ..lib.statements import statement
from ..lib.subscription import Subscription

_logger = logging.getLogger(__name__)

DEFAULT_PRIORITY = 100


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
                    {
                        "uuid": str(uuid.uuid4()),
                        "flow_id": flow.id,
                        "connector_id": flow.connector_id,
                        "company_id": company_id,
                        "area_id": flow.area_id,
                        "direction": "out",
                        "document_type": flow.document_type,
                        "event": event,
                        "priority": DEFAULT_PRIORITY,
                        "delay": delay,
                        "chain": {"record": key, "flow": "*"}.get(flow.order_by),
                        "business_key": record.display_name,
                        "partner_id": self._partner_of(record),
                        "res_model": record._name,
                        "res_id": record.id,
                        "interchange_id": None,
                        "position": 0,
                    }
                )
        if rows:
            self.env.cr.execute(statement("insert_messages"), columns(rows, *rows[0]))
            wake_after_commit(self.env)
        return len(rows)

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
