"""What tests of direct calls do inside Odoo."""

from __future__ import annotations

from typing import Any

from tasks import NAMESPACE, document, task, transaction

from odoo.addons.interop_base.lib.failures import InteropError


@task
def make_direct(database: str, flow: str, seconds: int, at_most: int) -> None:
    """The flow's callers wait for its answers from now on."""
    with transaction(database) as env:
        answer = env["interop.document.type"]._get("PurchaseOrderAcknowledgement", "1.0")
        found = env["interop.flow"].search([("code", "=", flow)])
        found.write(
            {
                "mode": "direct",
                "direct_seconds": seconds,
                "direct_at_most": at_most,
                "direct_answer_type_id": answer.id,
            }
        )
        found.action_publish()


@task
def ask(database: str, flow: str, number: str) -> dict[str, Any]:
    """One direct call; how it ended."""
    with transaction(database) as env:
        found = env["interop.flow"].search([("code", "=", flow)])
        company = env.ref(f"{NAMESPACE}.company_nmc").id
        try:
            answer = env["interop.direct"]._ask(found, document(number, 0, 1), company_id=company)
        except InteropError as failure:
            return {"status": "failed", "class": failure.failure_class}
        return {
            "status": answer.status,
            "key": answer.message,
            "answered": bool(answer.body),
            "why": answer.sentence,
        }
