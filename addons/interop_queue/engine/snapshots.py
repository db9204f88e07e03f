"""Documents as of their event: composed and sealed in the transaction in which it happened."""

from __future__ import annotations

import logging
from collections import defaultdict

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.plan import Plan

_logger = logging.getLogger(__name__)


def keep_as_of_event(env, rows: list[dict]) -> None:
    """Compose and seal the documents of the message rows `rows`, just inserted.

    Whatever goes wrong is noted for the message concerned and fails nobody's act: a message without
    its document becomes a dead letter that says so. A savepoint flushes what is pending before it,
    and so the document has it.
    """
    groups: dict[tuple[int, int, str], list[dict]] = defaultdict(list)
    for row in rows:
        groups[row["flow_id"], row["company_id"], row["res_model"]].append(row)
    for (flow_id, _company_id, _model), group in groups.items():
        try:
            with env.cr.savepoint():
                _version_id, plan = env["interop.flow.version"]._plan_of(flow_id)
                _keep(env, plan, group)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as failure:
            env.invalidate_all(flush=False)
            if len(group) > 1:
                for row in group:
                    keep_as_of_event(env, [row])
            else:
                _note(env, group[0], failure)


def _keep(env, plan: Plan, group: list[dict]) -> None:
    acting = env["interop.flow"]._acting_env(plan, group[0]["company_id"])
    records = acting[group[0]["res_model"]].browse(row["res_id"] for row in group)
    documents = acting[plan.handler.model]._compose(records)
    sealings = []
    for row, document in zip(group, documents, strict=True):
        plan.validator.check(document.body, plain=document.plain)
        body = quick_json(document.body, plain=document.plain)
        sealings.append(Sealing(row["uuid"], "document", body, plan.retention_class))
    env["interop.vault"].sudo()._seal_many(sealings, fresh=True)


def _note(env, row: dict, failure: Exception) -> None:
    # Type only: the text of an error may carry values.
    _logger.warning(
        "interop: a document as of its event could not be composed (%s)", type(failure).__name__
    )
    told = failure.sentence if isinstance(failure, InteropError) else type(failure).__name__
    env["interop.audit"]._record_many(
        [
            AuditRow(
                act="message.not_composed",
                outcome="failed",
                company_id=row["company_id"],
                area_id=row["area_id"],
                res_model=row["res_model"],
                res_id=row["res_id"],
                subject=row["uuid"],
                details={"failure": told},
            )
        ]
    )
