"""Codes that crosswalks do not know: noted with the outcome, and run again when they are mapped.

A message may fail for a code while somebody maps it, and two people may map the two codes of one
message at once. Neither sees the other in time, so each of them looks once more after its own
commit: whoever commits last sees both. What dies in between is found by the sweep.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from odoo import SUPERUSER_ID, api, fields
from odoo.api import Environment
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_document.lib.crosswalk import Crosswalk
from odoo.addons.interop_document.lib.lookup import Unmapped

from ..lib.work import Verdict
from .transaction import columns, read_committed, repeatable_read, retrying, run, run_all
from .wake import wake_after_commit

_logger = logging.getLogger(__name__)

# A document with more unknown codes than these was made for another partner.
MOST = 200
LOOKED_AT_ONCE = 2000
RERUN_AT_ONCE = 500


def note_missing(env: Environment, held: Iterable[Verdict]) -> None:
    """Write which codes the dead of `held` wait for, in the transaction that settles them."""
    rows: list[dict] = []
    for verdict in held:
        if verdict.missing and verdict.state == "dead":
            found = {
                (each.crosswalk, each.way, key): each
                for each in verdict.missing[:MOST]
                if (key := _key(env, each))
            }
            rows += [
                {
                    "message_id": verdict.message.id,
                    "company_id": verdict.message.company_id or env.company.id,
                    "crosswalk": crosswalk,
                    "way": way,
                    "key": key,
                    "code": None if each.withheld else _shown(each),
                    "withheld": each.withheld or None,
                    "looked": each.stamp,
                }
                for (crosswalk, way, key), each in found.items()
            ]
    if not rows:
        return
    place = ("crosswalk", "way", "key", "company_id")
    ids = sorted({row["message_id"] for row in rows})
    run_all(
        env.cr,
        [
            ("note_missing_codes", columns(rows, *place, "code", "withheld", "looked")),
            ("miss_codes_again", columns(rows, *place, "looked")),
            ("forget_missing", {"ids": ids}),
            ("wait_for_codes", columns(rows, *place, "message_id")),
        ],
    )


def _shown(missing: Unmapped) -> str:
    """The code without the spaces around it, where these do not count."""
    plain = missing.code.strip()
    return plain if missing.folded == missing.folded.strip() else missing.code


def _key(env: Environment, missing: Unmapped) -> str:
    """What one code is known by; of one that must not be kept, a keyed digest."""
    if not missing.withheld:
        return f"={missing.folded}"
    try:
        return _digest(env, missing.crosswalk, missing.way, missing.folded)
    except KeyringError:
        return "?"  # it is told, and a person runs its messages again


def _digest(env: Environment, crosswalk: str, way: str, folded: str) -> str:
    data = "\0".join((crosswalk, way, folded)).encode("utf-8", "surrogatepass")
    return "#" + env["interop.keyring"]._get().mac("crosswalk/missing", data)


def catch_up_failed(registry: Registry, verdicts: Iterable[Verdict]) -> None:
    """After the commit of `verdicts`: were their codes mapped meanwhile?"""
    waiting = [verdict for verdict in verdicts if verdict.missing]
    if waiting:
        codes = sorted({each.crosswalk for verdict in waiting for each in verdict.missing})
        catch_up(registry, codes, [verdict.message.id for verdict in waiting])


def catch_up(
    registry: Registry,
    codes: list[str] | None = None,
    message_ids: list[int] | None = None,
    user_id: int | None = None,
) -> int:
    """Look for unknown codes of these crosswalks again (none given: of all), and run again what
    waits for nothing else. Returns how many messages do. Never raises: the sweep comes again.
    """
    try:
        mapped = retrying(lambda: _look_again(registry, codes, user_id))
        # In a transaction of its own, which sees what all those before have found mapped.
        ids = None if mapped or user_id or codes is None else message_ids
        count = 0
        while found := retrying(lambda: _rerun(registry, ids)):
            count += found
            if found < RERUN_AT_ONCE:
                break
        return count
    except Exception as failure:
        _logger.warning(
            "interop: messages run again later for mapped codes (%s)", type(failure).__name__
        )
        return 0


def _look_again(registry: Registry, codes: list[str] | None, user_id: int | None) -> int:
    """Mark as mapped what is; return how many codes are."""
    # One snapshot, so that a crosswalk and its entries are of one state.
    with repeatable_read(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        today = str(fields.Date.context_today(env["interop.crosswalk"]))
        rows = run(cr, "stale_missing_codes", codes=codes, today=today, limit=LOOKED_AT_ONCE)
        lookups = {}
        looked = []
        for row in rows:
            company = row["company_id"]
            if company not in lookups:
                lookups[company] = env["interop.crosswalk"]._lookup(company)
            lookup = lookups[company]
            try:
                known = _knows(env, lookup.compiled(row["crosswalk"]), row, lookup.today)
                looked.append(
                    {"id": row["id"], "found": known, "looked": lookup.stamp(row["crosswalk"])}
                )
            except (DataError, KeyringError):
                continue  # not for that company any more, or no way to tell
        if looked:
            names = ("id", "found", "looked")
            run(cr, "look_at_missing", user=user_id, **columns(looked, *names))
        return sum(row["found"] for row in looked)


def _knows(env: Environment, crosswalk: Crosswalk, row: dict, today) -> bool:
    if not row["withheld"]:
        return crosswalk.knows(row["code"], row["way"], today)
    name, way = row["crosswalk"], row["way"]
    return any(_digest(env, name, way, code) == row["key"] for code in crosswalk.codes(way, today))


def _rerun(registry: Registry, ids: list[int] | None) -> int:
    with read_committed(registry) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if ids is None:
            run(cr, "forget_ended")
        rows = run(cr, "all_codes_known", ids=ids, limit=RERUN_AT_ONCE)
        found = [row["id"] for row in rows]
        if found:
            env["interop.missing.code"]._rerun(found)
            wake_after_commit(env)
        env.flush_all()
    return len(found)
