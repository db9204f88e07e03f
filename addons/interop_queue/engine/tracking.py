"""The other side's control numbers: what came twice, what is missing.

Looked at before the business transaction, in short READ COMMITTED transactions under the lock of
the sender's series: two lanes with the same number at once see each other, and no lane's business
effects are undone because another one counted. Formats without control numbers cost nothing here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, api
from odoo.api import Environment
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import InteropError, PartnerError
from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_connector.lib.number_series import (
    Placed,
    Span,
    as_number,
    begin,
    place,
    told_numbers,
)

from ..lib.plan import Plan
from ..lib.work import Claimed
from .transaction import CONFLICTS, is_lost, read_committed, retrying, run

MOST_GAPS = 1000
LONGEST_ID = 80
SWEEP_LIMIT = 500

# Whether a flow's format has numbers, as far as this process has seen: (database, flow) → so.
_numbered: dict[tuple[str, int], bool] = {}


@dataclass(frozen=True, slots=True)
class Tracked:
    """What was found out: which messages were looked at, and which of them are repeats."""

    looked_at: frozenset[int] = frozenset()
    repeats: Mapping[int, str] = field(default_factory=dict)
    """By message: `duplicate` or `clash`."""


def track(registry: Registry, messages: Iterable[Claimed]) -> Tracked:
    """Look at the numbers of the payloads that `messages` begin. Raises KeyringError."""
    looked_at: set[int] = set()
    repeats: dict[int, str] = {}
    for message in messages:
        if message.position or not message.interchange_id:
            continue
        if not _numbered.get((registry.db_name, message.flow_id), True):
            continue
        verdict = retrying(lambda message=message: _track(registry, message))  # type: ignore[misc]
        looked_at.add(message.id)
        if verdict in ("duplicate", "clash"):
            repeats[message.id] = verdict
    return Tracked(frozenset(looked_at), repeats)


def learn(env: Environment, flow_id: int, plan: Plan) -> bool:
    """Remember whether the flow's format has numbers; return it."""
    _numbered[env.cr.dbname, flow_id] = bool(plan.rules)
    return bool(plan.rules)


def clash(number: str) -> PartnerError:
    return PartnerError(
        f"The partner has used control number {number} before, for other content. Ask the partner "
        "which of the two counts; run this message again to apply it too, or cancel it."
    )


def sweep(registry: Registry) -> None:
    """Let gaps whose wait is over count as missing, tell it, and forget what ended long ago."""

    def action() -> None:
        with read_committed(registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            due = [row["id"] for row in run(cr, "number_gaps_due", limit=SWEEP_LIMIT)]
            run(cr, "number_gaps_forgotten", limit=SWEEP_LIMIT)
            if due:
                gaps = env["interop.control.number.gap"].browse(due)
                env["interop.outcome"]._on_numbers_missing(gaps)
                env.flush_all()

    retrying(action)


def _track(registry: Registry, message: Claimed) -> str | None:
    with read_committed(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        try:
            _version_id, plan = env["interop.flow.version"]._plan_of(message.flow_id)
        except InteropError:
            return None  # the message's own matter, told where it is handled
        if not learn(env, message.flow_id, plan):
            return None
        rows = run(cr, "number_payload", id=message.id)
        if not rows:
            return None
        [payload] = rows
        if payload["number_verdict"]:
            # A further try. A person who runs a clash again has decided that it counts.
            known: str = payload["number_verdict"]
            return "first" if known == "clash" and payload["redriven"] else known
        facts = _facts(env, plan, payload["uuid"])
        numbers = told_numbers(facts)
        if not numbers:
            return None
        return _place_all(env, payload, facts, numbers)


def _facts(env: Environment, plan: Plan, uuid: str) -> Mapping[str, str]:
    """Of the first document. What cannot be read fails where the message is handled."""
    try:
        raw = env["interop.vault"]._open(uuid, "payload")
        first = next(iter(plan.codec.decode(io.BytesIO(raw))), None)
    except (KeyringError, *CONFLICTS):
        raise
    except Exception as failure:
        if is_lost(failure):
            raise
        return {}
    return first.facts if first else {}


def _place_all(
    env: Environment, payload: dict, facts: Mapping[str, str], numbers: dict[str, str]
) -> str:
    cr = env.cr
    sender = facts.get("sender", "")[:LONGEST_ID]
    receiver = facts.get("receiver", "")[:LONGEST_ID]
    partner = f"{sender} → {receiver}"
    series = {
        kind: run(
            cr,
            "number_series",
            **{name: payload[name] for name in ("connector_id", "company_id", "area_id")},
            sender=sender,
            receiver=receiver,
            kind=kind,
        )[0]
        for kind in sorted(numbers)  # one order for all, so that two lanes cannot deadlock
    }
    number = numbers.get("interchange", "")[:LONGEST_ID] or None
    repeats = run(
        cr,
        "number_repeats",
        number=number,
        partner=partner,
        **{name: payload[name] for name in ("id", "connector_id", "digest", "memory")},
    )
    verdict = "first"
    if repeats:
        verdict = "duplicate" if repeats[0]["same"] else "clash"
    run(
        cr,
        "number_noted",
        id=payload["id"],
        number=number,
        numbers=json.dumps(numbers, sort_keys=True),
        partner=partner,
        verdict=verdict,
        repeats=repeats[0]["id"] if repeats else None,
    )
    if verdict == "first":
        for kind, row in series.items():
            counted = as_number(numbers[kind])
            if counted is not None:
                _place(env, payload, row, counted)
    return verdict


def _place(env: Environment, payload: dict, series: dict, number: int) -> None:
    cr = env.cr
    if series["highest"] < series["lowest"]:
        placed: Placed = begin(number)
    else:
        gaps = run(cr, "number_gap_of", series_id=series["id"], number=number)
        span = Span(gaps[0]["first"], gaps[0]["last"]) if gaps else None
        placed = place(series["lowest"], series["highest"], number, span)
    if placed.what == "late":
        _came_late(env, gaps[0]["id"], placed.left)
        return
    run(
        cr,
        "number_placed",
        series_id=series["id"],
        lowest=placed.lowest,
        highest=placed.highest,
        anew=placed.what == "anew",
    )
    if placed.missing:
        run(
            cr,
            "number_missed",
            series_id=series["id"],
            connector_id=payload["connector_id"],
            first=placed.missing.first,
            last=placed.missing.last,
            wait=payload["wait"],
        )
        run(cr, "number_gaps_bounded", series_id=series["id"], most=MOST_GAPS)


def _came_late(env: Environment, gap_id: int, left: tuple[Span, ...]) -> None:
    if not left:
        run(env.cr, "number_gap_closes", id=gap_id)
        env["interop.outcome"]._on_numbers_arrived(env["interop.control.number.gap"].browse(gap_id))
        env.flush_all()
        return
    run(env.cr, "number_gap_shrinks", id=gap_id, first=left[0].first, last=left[0].last)
    for span in left[1:]:
        run(env.cr, "number_gap_splits", id=gap_id, first=span.first, last=span.last)
