"""Checking flows without a browser: their readiness, and their samples over draft and live."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from odoo import models

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.checked import DRAFT, LIVE, SAMPLES, VERSION, Checked, Line, line_of
from ..lib.readiness import MISSING, READY, label_of
from ..lib.samples import trial_plan
from .readying import place_of


def check_flows(flows: models.BaseModel, *, samples_only: bool = False) -> list[Checked]:
    """Look at `flows` with the engine's rights. Writes nothing, sends nothing."""
    return [_checked(flow, samples_only) for flow in flows.sudo()]


def _checked(flow: models.BaseModel, samples_only: bool) -> Checked:
    lines: list[Line] = []
    if not samples_only:
        lines += _ready(flow)
    lines += _over(flow, flow._trial_text(), DRAFT)
    if flow.version_id:
        lines += _live(flow)
    return Checked(flow.code, flow.name, flow.state, flow.version_id.number, tuple(lines))


def _ready(flow: models.BaseModel) -> Iterator[Line]:
    for each in flow._readiness():
        if each.check == SAMPLES and flow.sample_ids:
            continue  # each has a line of its own
        yield Line(each.check, label_of(each.check), each.status, each.sentence, DRAFT, each.target)


def _live(flow: models.BaseModel) -> Iterable[Line]:
    text = flow.version_id.snapshot_id.text
    try:
        trial_plan(text)
    except InteropError as problem:
        target = place_of(flow)
        return [Line(VERSION, "What is live", MISSING, problem.sentence, LIVE, target)]
    lines = [Line(VERSION, "What is live", READY, "It can be used.", LIVE, place_of(flow))]
    if json.loads(text) != _draft(flow):
        lines += _over(flow, text, LIVE)
    return lines


def _draft(flow: models.BaseModel) -> object:
    text = flow._trial_text()
    return None if isinstance(text, Exception) else json.loads(text)


def _over(flow: models.BaseModel, text: str | Exception, against: str) -> Iterator[Line]:
    for sample, verdict in flow.sample_ids._tried(text).items():
        yield line_of(sample.name, verdict, against, (sample._name, sample.id))
