"""What the last look costs: the egress guard over what a policy left of an order, here."""

from __future__ import annotations

import importlib
import time
from datetime import date

from interop_setup.layout import Layout

from . import libraries
from .figures import Goal, median, rounds
from .measures import Figures, Sizes, measure_alone
from .screening import RULES, WARM, mac, order, order_schema

# Free texts leave here: they are what the guard is for.
_FREE_TEXTS = ("notes", "lines[].notes")


@measure_alone("guard_ms", "Egress guard, order of 40 lines", "ms", Goal(1.0, 0.5, lower=True))
def guarding(sizes: Sizes) -> Figures:
    """Half of the runs are quicker. Nothing is found, as nearly always; names are looked for."""
    layout = Layout.here()
    libraries.provide(layout)
    policy = importlib.import_module("odoo.addons.interop_policy.lib.policy")
    guard = importlib.import_module("odoo.addons.interop_policy.lib.guard")
    looks = importlib.import_module("odoo.addons.interop_policy.lib.looks")
    fields = importlib.import_module("odoo.addons.interop_document.lib.fields")
    residency = importlib.import_module("odoo.addons.interop_policy.lib.residency")
    sensitivity = importlib.import_module("odoo.addons.interop_document.lib.sensitivity")
    schema = order_schema(layout.checkout)
    clearance = sensitivity.Sensitivity.confidential
    compiled = policy.compile_policy(
        [policy.Rule(*rule) for rule in RULES if rule[0] not in _FREE_TEXTS],
        sensitivity.sensitivities(schema),
        policy.Frame(clearance, residency.residency_of("US", {"personal": ["US"]})),
    )
    looking = guard.Guard(
        fields.walk_fields(schema),
        {path: decision.decision for path, decision in compiled.decided.items()},
        looks.kinds_for(clearance),
        templates=["NF-######", "MRN ########"],
    )
    document = order(schema)
    context = policy.Context(mac, "system/1", 1, "supply", date(2026, 3, 2))
    screened = policy.screen(compiled, document, context)
    if looking.look(screened.body, looking.people(document)).findings:
        raise AssertionError("The order was to be clean.")
    medians = []
    for _round in range(sizes.rounds):
        taken = []
        for _turn in range(WARM + sizes.screened):
            started = time.perf_counter()
            looking.look(screened.body, looking.people(document))
            taken.append((time.perf_counter() - started) * 1000)
        medians.append(median(taken[WARM:]))
    raw = {
        "ms": rounds(medians),
        "values": sum(screened.decisions.values()),
        "documents_per_round": sizes.screened,
    }
    return {"guard_ms": (median(medians), raw)}
