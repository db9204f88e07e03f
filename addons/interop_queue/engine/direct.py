"""A direct call: one message on its whole way in the process, and the time, of who waits for it.

The same steps as in a lane: claimed under the runtime lock of its connector, prepared and committed
before a byte leaves, exchanged without a transaction of the engine's, settled with all evidence.
Everything is written on cursors of its own: the caller's transaction may end as it likes.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import (
    BusinessError,
    DataError,
    InternalError,
    InteropError,
    PolicyError,
    TransientError,
    UncertainError,
)

from ..lib.direct import DONE, REFUSED, THROTTLED, UNCERTAIN, Answer
from ..lib.direct_answer import AnswerShape
from ..lib.exchange import exchange
from ..lib.retry import Exponential
from ..lib.work import Claimed, Exchanged, Prepared, Verdict
from . import outbound
from .direct_admission import SHORTEST, Question, admitted, place
from .failure import classify, refused
from .keys import PolicyKey
from .settle import judge, settle
from .transaction import columns, is_lost, read_committed, repeatable_read, run
from .wake import notify

_logger = logging.getLogger(__name__)

# The answer's last bytes may come in while the clock is being read.
GRACE = 0.25
# So often, at most, the same bytes go out under the same key while there is time.
TRIES = 3
PAUSE = 0.2

_LATE = (
    "The partner's answer came when its time was over. Whoever asked was told that it is unknown."
)
_CLOSED = "A gate of the connector closed just then: nothing was sent. Ask again later."
_UNWRITTEN = "What became of the call could not be written down, so it counts as unknown."


def ask(registry: Registry, question: Question) -> Answer:
    """Ask and wait. Raises an `InteropError` for what could not be asked at all."""
    began = time.monotonic()
    deadline = began + question.seconds
    found = admitted(registry, question, deadline)
    if isinstance(found, Answer):
        return replace(found, seconds=time.monotonic() - began)
    claimed, last_place = found
    try:
        verdict, body, error = _run(registry, question, claimed, deadline)
    except BaseException as failure:
        # The database is away, or this process is told to end: the reaper says what is known.
        _logger.warning("interop: a direct call ended early (%s)", type(failure).__name__)
        if isinstance(failure, Exception):
            raise UncertainError(_UNWRITTEN) from None
        raise
    try:
        written = settle(registry, [verdict], place())
        if written:
            _land(registry, claimed, last_place)
    except Exception as failure:
        _logger.error("interop: a direct call was not settled (%s)", type(failure).__name__)
        written = []
    seconds = time.monotonic() - began
    if not written:
        # The reaper was quicker, or nothing could be written: what has no evidence is no success.
        if not verdict.exchanged:
            raise TransientError("The call could not be made in time, and nothing was sent.")
        return Answer(UNCERTAIN, _UNWRITTEN, message=claimed.uuid, seconds=seconds)
    return _answer(claimed, verdict, body, error, seconds)


# -- the message's way -----------------------------------------------------------------------------


def _run(
    registry: Registry, question: Question, claimed: Claimed, deadline: float
) -> tuple[Verdict, Mapping[str, Any] | None, InteropError | None]:
    """What the message is to become, the answer's body, and the failure as it was raised."""
    try:
        prepared, verdicts = outbound.prepare(registry, [claimed])
    except Exception as failure:
        if is_lost(failure):
            raise
        return _final(refused(claimed, failure, Exponential())), None, classify(failure)
    if verdicts:
        return _final(verdicts[0]), None, None
    if not prepared:
        verdict = Verdict(claimed, "dead", failure_class="throttled", failure=_CLOSED)
        return verdict, None, None
    exchanged = _exchanged(registry, prepared[0], deadline)
    if exchanged is None:
        over = TransientError("The time was over before anything could be sent.")
        return _final(refused(claimed, over, Exponential())), None, over
    [verdict] = judge(exchanged)
    body = None
    if exchanged.error is None and exchanged.reply is not None:
        verdict.state, verdict.answer_in = "done", 0.0
        try:
            body = _read(registry, question, claimed, exchanged.reply.body)
        except Exception as failure:
            # The partner has done it, and nobody can tell what it says: no success, for a person.
            problem = failure if isinstance(failure, InteropError) else DataError(_UNREADABLE)
            verdict.state = "dead"
            verdict.failure_class = problem.failure_class
            verdict.failure = f"The partner accepted, but: {problem.sentence}"
            return verdict, None, problem
    return _final(verdict), body, exchanged.error


_UNREADABLE = "The partner's answer cannot be read."


def _final(verdict: Verdict) -> Verdict:
    """Nobody waits for a later try."""
    if verdict.state == "waiting":
        verdict.state, verdict.delay = "dead", 0.0
    return verdict


def _exchanged(registry: Registry, prepared: Prepared, deadline: float) -> Exchanged | None:
    """Exchange; while there is time, again with the same key if that can do no harm.

    None: there was no time for it at all, which says nothing about the partner.
    """
    for number in range(1, TRIES + 1):
        left = deadline - time.monotonic()
        if left < SHORTEST:
            return None
        endpoint = replace(
            prepared.endpoint,
            timeout_total=min(prepared.endpoint.timeout_total, left),
            timeout_connect=min(prepared.endpoint.timeout_connect, left),
        )
        found = exchange(replace(prepared, endpoint=endpoint))
        if found.reply is not None and time.monotonic() > deadline + GRACE:
            # This process stood still meanwhile: whoever asked has given up.
            return Exchanged(prepared, found.reply, UncertainError(_LATE), found.duration_ms)
        again = number < TRIES and _may_go_again(found)
        if not again or deadline - time.monotonic() < PAUSE + SHORTEST:
            return found
        _note_attempt(registry, found)
        time.sleep(PAUSE)
    raise AssertionError("unreachable")


def _may_go_again(found: Exchanged) -> bool:
    error, message = found.error, found.prepared.messages[0]
    if error is None or message.probe or message.paid:
        return False  # one probe is one try, and one token of a rate limit one exchange
    if error.failure_class == "transient":
        return found.prepared.endpoint.idempotent or not getattr(error, "sent", True)
    return error.failure_class == "uncertain" and found.prepared.endpoint.idempotent


def _note_attempt(registry: Registry, found: Exchanged) -> None:
    """A try that is not the last one leaves its trace at once."""
    error = found.error
    assert error is not None
    row = {
        "interchange_id": found.prepared.interchange_id,
        "message_id": found.prepared.messages[0].id,
        "duration_ms": found.duration_ms,
        "outcome": "failed",
        "status": getattr(error, "status", None),
        "failure_class": error.failure_class,
        "failure": error.sentence,
    }
    with read_committed(registry) as cr:
        run(cr, "insert_attempts", lane=place(), **columns([row], *row))


def _read(
    registry: Registry, question: Question, claimed: Claimed, reply: bytes
) -> Mapping[str, Any] | None:
    """The answer's document, as its type and policy let it be seen."""
    shape = AnswerShape.of(question.plan)
    if shape is None:
        return None
    bodies = [each.document_body for each in question.plan.codec.decode(io.BytesIO(reply))]
    if len(bodies) != 1:
        raise DataError("The partner's answer is to hold one document.")
    with repeatable_read(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        return shape.taken_in(bodies[0], claimed.company_id, PolicyKey(env))


# -- the end ---------------------------------------------------------------------------------------


def _land(registry: Registry, claimed: Claimed, last_place: bool) -> None:
    with read_committed(registry) as cr:
        run(cr, "direct_landed", id=claimed.id)
        if last_place:
            run(cr, "wake_first_lane")
    if last_place:
        notify(registry.db_name)


def _answer(
    claimed: Claimed,
    verdict: Verdict,
    body: Mapping[str, Any] | None,
    error: InteropError | None,
    seconds: float,
) -> Answer:
    told = Answer(
        DONE,
        verdict.failure or "",
        body,
        claimed.uuid,
        verdict.status,
        verdict.retry_after,
        seconds,
    )
    match verdict.failure_class:
        case None:
            return told
        case "partner":
            return replace(told, status=REFUSED)
        case "uncertain":
            return replace(told, status=UNCERTAIN)
        case "throttled":
            return replace(told, status=THROTTLED)
        case kind:
            raise _typed(kind, verdict.failure or "", error)


def _typed(kind: str, sentence: str, error: InteropError | None) -> InteropError:
    if error is not None and error.failure_class == kind:
        return error
    return _TYPES.get(kind, InternalError)(sentence)


_TYPES: dict[str, type[InteropError]] = {
    each.failure_class: each for each in (TransientError, DataError, PolicyError, BusinessError)
}
