"""What an outcome leaves behind: tries, sealed replies, codes to be mapped, the audit trail."""

from __future__ import annotations

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.work import Verdict
from .missing import note_missing
from .transaction import columns, run_all


def write_evidence(env, held: list[Verdict], lane: str) -> None:
    """Attempts, interchange states, replies (sealed), codes to be mapped and the audit trail."""
    payloads: dict[int, list[Verdict]] = {}
    for verdict in held:
        if interchange_id := verdict.interchange_id or verdict.message.interchange_id:
            payloads.setdefault(interchange_id, []).append(verdict)
    calls: list[tuple[str, dict]] = []
    if attempts := [_attempt(key, group) for key, group in payloads.items() if group[0].exchanged]:
        calls.append(("insert_attempts", {"lane": lane} | columns(attempts, *attempts[0])))
    # What becomes of an inbound payload is told by all its messages: see conclusion.py.
    states = [
        {"id": key, "state": _payload_state(group)}
        for key, group in payloads.items()
        if group[0].message.direction == "out"
    ]
    if states:
        calls.append(("settle_interchanges", columns(states, "id", "state")))
    run_all(env.cr, calls)
    # The first reply to a payload has none before it, and nobody need look: most are that.
    first: list[Sealing] = []
    further: list[Sealing] = []
    for verdict in held:
        message = verdict.message
        where = first if verdict.interchange_uuid and message.claims == 1 else further
        for uuid, kind, data, into in (
            (verdict.interchange_uuid or message.uuid, "reply", verdict.reply, where),
            (message.uuid, "diagnosis", verdict.diagnosis.encode(), further),
        ):
            if data:
                into.append(Sealing(uuid, kind, data, message.retention_class))
    env["interop.vault"]._seal_many(first, fresh=True)
    env["interop.vault"]._seal_many(further)
    note_missing(env, held)
    env["interop.audit"]._record_many([_audit_row(verdict) for verdict in held])


def _attempt(interchange_id: int, group: list[Verdict]) -> dict:
    """One try of one payload. Documents refused in an accepted payload do not make it a failure."""
    first = group[0]
    failures = [verdict for verdict in group if verdict.failure_class]
    whole = failures[0] if len(failures) == len(group) else None
    return {
        "interchange_id": interchange_id,
        "message_id": first.message.id if len(group) == 1 else None,
        "duration_ms": first.duration_ms,
        "outcome": "failed" if whole else "ok",
        "status": first.status,
        "failure_class": whole and whole.failure_class,
        "failure": whole and whole.failure,
    }


_PAYLOAD_STATES = {
    "sent": "delivered",
    "done": "delivered",
    "dead": "failed",
    "waiting": "prepared",
}


def _payload_state(group: list[Verdict]) -> str:
    states = {_PAYLOAD_STATES[verdict.state] for verdict in group}
    return states.pop() if len(states) == 1 else "mixed"


_ACTS = {
    ("out", "sent"): "message.sent",
    ("out", "done"): "message.sent",
    ("in", "done"): "message.applied",
    ("out", "waiting"): "message.postponed",
    ("in", "waiting"): "message.postponed",
    ("out", "dead"): "message.dead",
    ("in", "dead"): "message.dead",
}


# The count tells of those beyond.
_MASKED_NAMED = 20


def _audit_row(verdict: Verdict) -> AuditRow:
    message = verdict.message
    details = {"attempts": message.attempts + verdict.attempted}
    if verdict.status:
        details["status"] = verdict.status
    if verdict.failure_class:
        details["failure_class"] = verdict.failure_class
        if left := _left(verdict):
            details["left"] = left
    for name in ("connector", "shape", "acknowledged"):
        if fact := getattr(message, name):
            details[name] = fact
    if message.resolved:
        details["tokens_resolved"] = message.resolved
    if message.masked:
        details["masked"] = [f"{path}: {kind}" for path, kind in message.masked[:_MASKED_NAMED]]
        details["masked_count"] = len(message.masked)
    return AuditRow(
        act=_ACTS[message.direction, verdict.state],
        outcome="failed" if verdict.failure_class else "ok",
        actor_kind="worker",
        company_id=message.company_id,
        area_id=message.area_id,
        res_model="interop.message",
        res_id=message.id,
        subject=message.uuid,
        digest=message.digest or None,
        version_digest=message.version_digest or None,
        details=details,
    )


def _left(verdict: Verdict) -> str | None:
    """Whether a request that failed may have told the partner something all the same."""
    if not verdict.exchanged:
        return None
    if verdict.failure_class == "uncertain":
        return "perhaps"
    return "yes" if verdict.status else None
