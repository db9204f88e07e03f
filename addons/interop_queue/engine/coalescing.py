"""Several pending updates of one record become one message with the latest state.

When and why this is right is told beside the statement `supersede`.
"""

from __future__ import annotations

from collections.abc import Sequence

from odoo import SUPERUSER_ID, api

from odoo.addons.interop_audit.lib.entry import AuditRow

from ..lib.outcome import Outcome
from .settle import tell
from .transaction import run

_FACTS = (
    "uuid", "direction", "state", "failure_class", "failure", "flow_id", "company_id", "area_id",
    "res_model", "res_id",
)  # fmt: skip


def coalesce(cr, heads: Sequence[int]) -> int:
    """Let the messages `heads`, just taken and not composed yet, stand for those behind them.

    Under the runtime lock of their connector. Returns for how many they stand.
    """
    rows = run(cr, "supersede", ids=list(heads)) if heads else []
    if rows:
        run(cr, "superseded_by_superseded", ids=[row["id"] for row in rows])
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["interop.audit"]._record_many([_audit_row(row) for row in rows])
        tell(
            env,
            [Outcome(message_id=row["id"], **{name: row[name] for name in _FACTS}) for row in rows],
        )
        env.flush_all()
    return len(rows)


def _audit_row(row: dict) -> AuditRow:
    return AuditRow(
        act="message.coalesced",
        actor_kind="worker",
        company_id=row["company_id"],
        area_id=row["area_id"],
        res_model="interop.message",
        res_id=row["id"],
        subject=row["uuid"],
        details={"into": row["into_uuid"]},
    )
