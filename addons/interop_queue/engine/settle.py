"""Settling: outcomes are written here and nowhere else, a handful of statements for any number."""

from __future__ import annotations

import logging

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import InteropError, PartnerError
from odoo.addons.interop_connector.lib.codec import CodecError
from odoo.addons.interop_connector.lib.transport import Reply

from ..lib.outcome import Outcome
from ..lib.retry import UNCOUNTED_CLASSES, Retry, Strategy
from ..lib.work import Claimed, Exchanged, Prepared, Verdict
from .breaking import Landing
from .conclusion import conclude
from .minutes import minutes_of
from .missing import catch_up_failed
from .outcome_evidence import write_evidence
from .transaction import columns, read_committed, retrying, run, run_all

_logger = logging.getLogger(__name__)

# What an endpoint answers that is no more (RFC 9110, section 15.5.11).
GONE = 410


def judge(exchanged: Exchanged) -> list[Verdict]:
    """Turn the end of an exchange into what each of its messages is to become."""
    prepared, reply, error = exchanged.prepared, exchanged.reply, exchanged.error
    # A refusal may carry the partner's text: it is kept sealed with the interchange.
    reply = reply or getattr(error, "reply", None)
    verdicts = []
    for message, refusal in zip(prepared.messages, _refusals(prepared, reply, error), strict=True):
        if refusal is None:
            verdict = Verdict(message, "sent" if prepared.expects_answer else "done", attempted=1)
            verdict.answer_in = prepared.answer_seconds
        elif prepared.endpoint_id and getattr(error, "status", None) == GONE:
            # The address is at fault and not the message: it takes another one, or waits for it.
            verdict = Verdict(message, "waiting", failure_class="transient", gone=True)
            verdict.failure = refusal.sentence
        else:
            idempotent = prepared.endpoint.idempotent
            verdict = failed(message, refusal, prepared.retry, idempotent=idempotent)
        verdict.status = reply.status if reply else getattr(error, "status", None)
        verdict.exchanged, verdict.duration_ms = True, exchanged.duration_ms
        verdict.interchange_id = prepared.interchange_id
        verdict.interchange_uuid = prepared.interchange_uuid
        verdict.version_id = prepared.version_id
        verdict.endpoint_id = prepared.endpoint_id
        verdict.retry_after = getattr(error, "retry_after", None)
        verdict.business_key = message.business_key
        verdict.size = len(prepared.outgoing.payload) // len(prepared.messages)
        verdicts.append(verdict)
    if reply is not None:
        verdicts[0].reply = reply.body
    # What is tried again as one payload comes back at one moment.
    again = [verdict for verdict in verdicts if verdict.state == "waiting"]
    for verdict in again:
        verdict.delay = again[0].delay
    return verdicts


def _refusals(
    prepared: Prepared, reply: Reply | None, error: InteropError | None
) -> list[InteropError | None]:
    """Per document: why it was not taken, None if it was."""
    count = len(prepared.messages)
    if error is not None or reply is None or count == 1 or prepared.codec is None:
        return [error] * count
    try:
        said = prepared.codec.verdicts(reply.body, count)
    except CodecError:
        # It says something about them, and nobody can tell what: a person asks the partner.
        return [
            PartnerError(
                "The partner took the payload, but what it says about the single documents "
                "contradicts itself. Ask the partner which of them it has."
            )
            for _position in range(count)
        ]
    except Exception as bug:
        # The partner took the payload: a fault of ours in reading what else it says undoes nothing.
        _logger.error(
            "interop: the codec %s could not read a partner's reply (%s)",
            prepared.codec.code,
            type(bug).__name__,
        )
        said = None
    refused = {verdict.position for verdict in said or () if not verdict.accepted}
    return [
        PartnerError("The partner took the payload, but refused this document in it.")
        if position in refused
        else None
        for position in range(count)
    ]


def failed(
    message: Claimed, error: InteropError, retry: Strategy, idempotent: bool = False
) -> Verdict:
    """What a failure makes of a message: later again, or a dead letter for a person."""
    kind = error.failure_class
    counted = 0 if kind in UNCOUNTED_CLASSES else 1
    # The request left and no answer came. Only an endpoint that is declared idempotent may be
    # asked again with the same key; otherwise a person finds out first.
    asked_as = "transient" if kind == "uncertain" and idempotent else kind
    delay = retry.delay(
        Retry(
            asked_as, message.attempts + counted, message.age, getattr(error, "retry_after", None)
        )
    )
    return Verdict(
        message,
        state="dead" if delay is None else "waiting",
        delay=delay or 0.0,
        failure_class=kind,
        failure=error.sentence,
        attempted=counted,
    )


def settle(registry: Registry, verdicts: list[Verdict], lane: str) -> list[Outcome]:
    """Write `verdicts` whose leases still hold; return what was written."""
    if not verdicts:
        return []
    outcomes = retrying(lambda: _settle(registry, verdicts, lane))
    catch_up_failed(registry, verdicts)
    return outcomes


def _settle(registry: Registry, verdicts: list[Verdict], lane: str) -> list[Outcome]:
    connectors = sorted({verdict.message.connector_id for verdict in verdicts})
    with read_committed(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        held = write_states(cr, verdicts)
        if not held:
            return []
        conclude(env, [verdict.message for verdict in held])
        write_evidence(env, held, lane)
        outcomes = [outcome_of(verdict) for verdict in held]
        tell(env, outcomes)
        env.flush_all()
        # The claim parks and the settle releases: never at the same time for one connector. Last,
        # so that the lock is held for one round trip and the commit, and claims hardly wait. A
        # claim that parked a follower meanwhile has committed before: the release sees it.
        calls = [("lock_runtimes", {"connector_ids": connectors})]
        landing = Landing(held)
        if landing.is_quiet:
            calls += landing.quiet_calls
        else:
            run_all(cr, calls)
            landing.note(cr)
            env.flush_all()
            calls = []
        calls += [
            ("settle_runtimes", columns(_counted(held), *_COUNTERS)),
            *minutes_of(held),
            *_release(held),
            *_note_batches(held),
        ]
        run_all(cr, calls)
    return outcomes


def write_states(cr, verdicts: list[Verdict]) -> list[Verdict]:
    """Fenced by the lease token; returns the verdicts that were written."""
    rows = [
        {
            "id": verdict.message.id,
            "token": verdict.message.token,
            "attempted": verdict.attempted,
            **{
                name: getattr(verdict, name)
                for name in (
                    "state", "delay", "failure_class", "failure", "answer_in", "res_model",
                    "res_id", "partner_id", "business_key", "version_id", "interchange_id", "size",
                )
            },
        }
        for verdict in verdicts
    ]  # fmt: skip
    # By message and token: an outcome that was kept while the database was away may stand beside
    # the one of a later claim of the same message.
    written = {
        (row["id"], row["token"]): row["state"]
        for row in run(cr, "settle", **columns(rows, *rows[0]))
    }
    if lost := len(verdicts) - len(written):
        _logger.warning("interop: %s outcome(s) came after their lease had ended", lost)
    held = []
    for verdict in verdicts:
        state = written.get((verdict.message.id, verdict.message.token))
        if state is not None:
            verdict.state = state
            held.append(verdict)
    return held


def _release(held: list[Verdict]) -> list[tuple[str, dict]]:
    ended = [v.message for v in held if v.state in ("sent", "done")]
    calls = []
    if chained := [message.id for message in ended if message.chain]:
        calls.append(("release_successors", {"ids": chained}))
    if outbound := [message.id for message in ended if message.direction == "out"]:
        calls.append(("release_dependents", {"ids": outbound}))
    return calls


def _note_batches(held: list[Verdict]) -> list[tuple[str, dict]]:
    ids = sorted({v.message.batch_id for v in held if v.message.batch_id})
    return [("note_batches", {"ids": ids})] if ids else []


def release_after(registry: Registry, connector_ids: list[int], message_ids: list[int]) -> None:
    """Release in a transaction of its own: the states were written in a business transaction."""

    def action() -> None:
        with read_committed(registry) as cr:
            run(cr, "lock_runtimes", connector_ids=connector_ids)
            run(cr, "release_successors", ids=message_ids)
            run(cr, "release_dependents", ids=message_ids)

    retrying(action)


def tell(env, outcomes: list[Outcome]) -> None:
    """Outcome hooks may fail without undoing the outcome; `_sweep` catches up later."""
    try:
        with env.cr.savepoint():
            env["interop.outcome"]._on_settled(outcomes)
            env.flush_all()
    except Exception as failure:
        env.invalidate_all(flush=False)
        _logger.error(
            "interop: an outcome hook failed (%s); the sweep will catch up", type(failure).__name__
        )


def outcome_of(verdict: Verdict) -> Outcome:
    message = verdict.message
    return Outcome(
        message_id=message.id,
        uuid=message.uuid,
        direction=message.direction,
        state=verdict.state,
        failure_class=verdict.failure_class,
        failure=verdict.failure,
        flow_id=message.flow_id,
        company_id=message.company_id,
        area_id=message.area_id,
        res_model=verdict.res_model or message.res_model,
        res_id=verdict.res_id or message.res_id,
    )


def _counted(held: list[Verdict]) -> list[dict[str, int]]:
    """Per connector: what landed, and whether the partner answers."""
    counts: dict[int, dict[str, int]] = {}
    for verdict in held:
        key = verdict.message.connector_id
        row = counts.setdefault(key, {"connector_id": key, "ok": 0, "failed": 0, "landed": 0})
        row["landed"] += verdict.message.direction == "out"
        if verdict.exchanged:
            row["failed" if verdict.failure_class else "ok"] += 1
    # Inbound messages count nowhere. They are settled in business transactions, in which writing to
    # the runtime's row would be a conflict with every claim and settle of the meantime.
    return [row for row in counts.values() if row["ok"] or row["failed"] or row["landed"]]


_COUNTERS = ("connector_id", "ok", "failed", "landed")
