"""Checks before a flow goes live: what travels, what of it may, and what becomes of it."""

from __future__ import annotations

import json

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_document.lib.mapping.rows import Row, row_of
from odoo.addons.interop_policy.lib.policy import DEPENDS, NO_RULE

from ..lib.handlers import HANDLERS
from ..lib.plan import compile_plan
from ..lib.readiness import (
    MISSING,
    READY,
    WARNING,
    Finding,
    check,
    required_paths,
    some,
    strange_targets,
    unfilled,
)
from ..lib.samples import SAME
from .readying import Findings, place_of


@check("settings", "Settings of the flow", 5)
def settings(flow: models.BaseModel) -> Findings:
    """All that publishing asks for is there, and fits together."""
    try:
        flow._check_ready_to_publish()
    except UserError as problem:
        yield Finding("settings", MISSING, str(problem), place_of(flow))
        return
    told = flow.env._("Document, handler, policy, mapping and format fit together.")
    yield Finding("settings", READY, told, place_of(flow))


@check("policy", "Policy", 70)
def policy(flow: models.BaseModel) -> Findings:
    """The fields that a document must have are named by a rule, and leave."""
    _, used = flow.env._, flow.policy_id
    if not used:
        if flow.direction == "in":
            told = _("Everything that the document type knows is taken in.")
            yield Finding("policy", READY, told, place_of(flow))
        else:
            told = _("Choose a policy: without one no field may leave.")
            yield Finding("policy", MISSING, told, place_of(flow))
        return
    plan = compile_plan("", json.dumps(flow._snapshot()))
    company = flow.company_id or flow.env.company
    decided = plan.policy.of(company.id).decided
    required = required_paths(plan.validator.fields)
    forgotten = [path for path in required if decided[path].decision == NO_RULE]
    kept = [path for path in required if path not in forgotten and not _leaves(decided[path])]
    if forgotten:
        told = _("No rule names these fields, which a document must have: %s.", some(forgotten))
        yield Finding("policy", MISSING, told, place_of(used))
    if kept:
        told = _("These fields, which a document must have, do not pass: %s.", some(kept))
        yield Finding("policy", WARNING, told, place_of(used))
    if not forgotten and not kept:
        told = _("All %s fields that a document must have pass.", len(required))
        yield Finding("policy", READY, told, place_of(used))


def _leaves(decision) -> bool:
    return decision.leaves or decision.decision == DEPENDS


@check("mapping", "Mapping", 80)
def mapping(flow: models.BaseModel) -> Findings:
    """Its rows can be used, and fill what they should."""
    _, used = flow.env._, flow.mapping_id
    if not used:
        told = _("The partner's shape is our document's own, or made by the module of its dialect.")
        yield Finding("mapping", READY, told, place_of(flow))
        return
    try:
        used._check_rows()
    except UserError as problem:
        yield Finding("mapping", MISSING, str(problem), place_of(used))
        return
    rows = _rows(used)
    problems = list(_rows_lacking(flow, rows))
    if not rows:
        problems = [_("The mapping has no row, so it makes nothing of a document.")]
    for told in problems:
        yield Finding("mapping", MISSING, told, place_of(used))
    if not problems:
        told = _("“%(name)s” can be used (rows: %(rows)s).", name=used.name, rows=len(rows))
        yield Finding("mapping", READY, told, place_of(used))


def _rows(used: models.BaseModel) -> list[Row]:
    return [row_of(each) for each in used._snapshot()["rows"]]


def _rows_lacking(flow: models.BaseModel, rows: list[Row]):
    if flow.direction == "out":
        return  # what the partner calls its fields is the partner's matter
    _ = flow.env._
    fields = flow.document_type_id._validator().fields
    if strange := strange_targets(rows, fields):
        yield _("The document type has no such fields: %s.", some(strange))
    if lacking := unfilled(rows, required_paths(fields)):
        yield _("No row fills these fields, which a document must have: %s.", some(lacking))


@check("crosswalks", "Crosswalks", 90)
def crosswalks(flow: models.BaseModel) -> Findings:
    """The code tables that the mapping asks are there and hold something."""
    _, rows = flow.env._, _rows(flow.mapping_id) if flow.mapping_id else []
    codes = sorted({row.crosswalk for row in rows if row.crosswalk})
    if not codes:
        yield Finding("crosswalks", READY, _("No codes are translated."), place_of(flow))
        return
    way = "unknown_out" if flow.direction == "out" else "unknown_in"
    sound = True
    for code in codes:
        told, target = _crosswalk_lacking(flow, code, way)
        if told:
            sound = False
            yield Finding("crosswalks", MISSING, told, target or place_of(flow.mapping_id))
    if sound:
        told = _("Codes are translated by: %s.", some(codes))
        yield Finding("crosswalks", READY, told, place_of(flow.mapping_id))


def _crosswalk_lacking(flow: models.BaseModel, code: str, way: str):
    _ = flow.env._
    companies = [False, (flow.company_id or flow.env.company).id]
    domain = [("code", "=", code), ("company_id", "in", companies)]
    found = flow.env["interop.crosswalk"].with_context(active_test=False).search(domain, limit=1)
    if not found:
        return _("There is no crosswalk %s for the flow's company.", code), None
    if not found.entry_ids and found[way] == "fail":
        told = _("The crosswalk “%s” has no entry, and unknown codes stop a message.", found.name)
        return told, place_of(found)
    waiting = flow.env["interop.missing.code"].search_count(
        [
            ("crosswalk_id", "=", found.id),
            ("way", "=", flow.direction),
            ("company_id", "in", companies),
            ("state", "=", "open"),
        ]
    )
    if waiting:
        told = _(
            "Messages wait for codes that “%(name)s” does not know yet: %(count)s.",
            name=found.name,
            count=waiting,
        )
        return told, place_of(found)
    return "", None


@check("setup", "Set-up in Odoo", 100)
def setup(flow: models.BaseModel) -> Findings:
    """What the handler needs in Odoo's own records: each handler looks itself."""
    if flow.handler not in HANDLERS:
        return
    handler = flow.env[HANDLERS.get(flow.handler).model]
    if flow.company_id:
        handler = handler.with_company(flow.company_id)
    found = list(handler._readiness(flow))
    if not found:
        told = flow.env._("The handler needs nothing of its own.")
        found = [Finding("setup", READY, told, place_of(flow))]
    yield from found


@check("samples", "Golden samples", 110)
def samples(flow: models.BaseModel) -> Findings:
    """There are some, and the draft makes of them what is expected."""
    _, found = flow.env._, flow.sample_ids
    if not found:
        told = _(
            "Add a golden sample: it shows that the flow does what was agreed, and goes on to."
        )
        yield Finding("samples", MISSING, told, place_of(flow))
        return
    bad = {
        sample: verdict
        for sample, verdict in found._tried(flow._trial_text()).items()
        if verdict.outcome != SAME
    }
    for sample, verdict in bad.items():
        told = _("Sample “%(name)s”: %(why)s", name=sample.name, why=verdict.sentence)
        yield Finding("samples", MISSING, told, place_of(sample))
    if not bad:
        told = _("%s come out as expected.", some(found.mapped("name")))
        yield Finding("samples", READY, told, place_of(found[:1]))
