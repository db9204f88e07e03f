"""What exchanges do to the breakers of their endpoints: for the settle, under the runtime lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from odoo.addons.interop_connector.lib.traffic.breaker import (
    CLOSED,
    COUNTED,
    DISABLED,
    HALF_OPEN,
    ISOLATED,
    OPEN,
    Breaker,
    Thresholds,
)

from ..lib.work import Claimed, Verdict
from .gates import note_change
from .transaction import run

# Who asks us to wait for days is asked again before.
LONGEST_THROTTLE = 3600.0


@dataclass(frozen=True, slots=True)
class _Call:
    """How one exchange went, whatever number of documents it carried."""

    message: Claimed
    endpoint_id: int
    what: str
    """ok, failed, gone, slowly (it answers, and wants less), or unclear: a fault of our own."""
    sentence: str | None


class Landing:
    """What a round of outcomes says about endpoints."""

    def __init__(self, held: Iterable[Verdict]) -> None:
        self._calls: list[_Call] = []
        self._unused: list[Claimed] = []
        self._throttles: dict[int, float] = {}
        payloads: dict[object, list[Verdict]] = {}
        for verdict in held:
            if verdict.exchanged and verdict.endpoint_id:
                key = verdict.interchange_id or -verdict.message.id
                payloads.setdefault(key, []).append(verdict)
            elif verdict.message.probe:
                self._unused.append(verdict.message)
        for verdicts in payloads.values():
            self._hear(verdicts)

    def _hear(self, verdicts: list[Verdict]) -> None:
        verdict = verdicts[0]
        message = next((v.message for v in verdicts if v.message.probe), verdict.message)
        if verdict.gone:
            what = "gone"
        elif verdict.failure_class in COUNTED:
            what = "failed"
        elif verdict.failure_class == "throttled":
            what = "slowly"
            if verdict.retry_after:
                seconds = min(verdict.retry_after, LONGEST_THROTTLE)
                known = self._throttles.get(message.connector_id, 0.0)
                self._throttles[message.connector_id] = max(known, seconds)
        else:
            what = "unclear" if verdict.failure_class == "internal" else "ok"
        self._calls.append(_Call(message, verdict.endpoint_id or 0, what, verdict.failure))

    @property
    def is_quiet(self) -> bool:
        """Whether all went well and nobody was trying: then there is next to nothing to write."""
        return not self._unused and all(
            call.what == "ok" and not call.message.probe for call in self._calls
        )

    @property
    def quiet_calls(self) -> list[tuple[str, dict]]:
        number = Counter(call.endpoint_id for call in self._calls)
        if not number:
            return []
        ordered = sorted(number)
        return [
            (
                "endpoints_went_well",
                {"endpoint_id": ordered, "number": [number[key] for key in ordered]},
            )
        ]

    def note(self, cr) -> None:
        """Under the runtime locks of all connectors concerned."""
        if self._throttles:
            run(
                cr,
                "throttle",
                connector_id=list(self._throttles),
                seconds=list(self._throttles.values()),
            )
        if self._unused:
            run(
                cr,
                "release_probes",
                ids=[message.id for message in self._unused],
                tokens=sorted({message.token for message in self._unused}),
            )
        ids = sorted({call.endpoint_id for call in self._calls})
        for row in run(cr, "lock_endpoints", endpoint_ids=ids) if ids else ():
            self._write(cr, row, [c for c in self._calls if c.endpoint_id == row["endpoint_id"]])

    def _write(self, cr, row: Mapping[str, Any], calls: list[_Call]) -> None:
        thresholds = Thresholds(
            row["breaker_failures"],
            row["breaker_rate"],
            row["breaker_window"],
            float(row["breaker_wait"]),
            float(row["breaker_wait_most"]),
        )
        before = after = Breaker(row["state"], row["failures"], row["calls"], row["opened"])
        reason, last = "", calls[-1]
        for call in calls:
            stepped = self._step(row, after, call, thresholds)
            if stepped.state != after.state:
                reason, last = _told(stepped, call), call
            after = stepped
        tried = any(_is_probe(row, call) for call in calls)
        if after == before and not tried:
            return
        pause = thresholds.pause(after.opened) if after.state == OPEN else None
        if after.state == HALF_OPEN:
            pause = 0.0  # a probe of which nothing can be said: the next one tries
        run(
            cr,
            "write_endpoint",
            endpoint_id=row["endpoint_id"],
            state=after.state,
            failures=after.failures,
            calls=after.calls,
            opened=after.opened,
            pause=pause,
            reason=None if after.state == CLOSED else reason or None,
        )
        if after.state != before.state:
            note_change(cr, row, before.state, after.state, reason, last.message)

    @staticmethod
    def _step(
        row: Mapping[str, Any], breaker: Breaker, call: _Call, thresholds: Thresholds
    ) -> Breaker:
        if call.what == "gone":
            if breaker.state in (DISABLED, ISOLATED):
                return breaker
            return replace(Breaker(), state=DISABLED)
        if call.what == "unclear":
            return breaker
        if _is_probe(row, call):
            return breaker.after_probe(call.what == "failed")
        if call.what == "slowly":
            return breaker
        return breaker.after_call(call.what == "failed", thresholds)


def _told(breaker: Breaker, call: _Call) -> str:
    """Why it came into this state, for people. Sentences of failures quote no value."""
    match breaker.state:
        case "disabled":
            return "The partner says that this address is gone for good (410)."
        case "open" if breaker.opened > 1:
            return f"The message that tried it failed: {call.sentence}"
        case "open":
            return f"Too many failures, {breaker.failures} in a row. The last: {call.sentence}"
        case _:
            return "The message that tried it went through."


def _is_probe(row: Mapping[str, Any], call: _Call) -> bool:
    return (
        row["state"] == HALF_OPEN
        and row["probe_token"] == call.message.token
        and row["probe_message"] == call.message.id
    )
