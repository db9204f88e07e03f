"""What a policy costs: screening alone, in this process, without Odoo and without a database."""

from __future__ import annotations

import copy
import hmac
import importlib
import json
import time
from datetime import date
from pathlib import Path
from typing import Any

from interop_setup.layout import Layout

from . import libraries
from .figures import Goal, median, rounds
from .measures import Figures, Sizes, measure_alone

_LINES = 40
WARM = 50
# What a hospital might let a supplier see of an order: most is sent, one number per line is a
# token, wished dates are known to the month.
RULES: tuple[tuple[Any, ...], ...] = (
    ("**", "send"),
    ("ship_to.contact.name", "mask", "initials"),
    ("ship_to.contact.phone", "mask", "last4"),
    ("ship_to.contact.email", "drop"),
    ("notes", "drop"),
    ("payment_terms", "drop"),
    ("contract_number", "hash"),
    ("lines[].notes", "drop"),
    ("lines[].line_id", "tokenise"),
    ("lines[].requested_date", "generalise", "month"),
)


def order(schema: dict[str, Any]) -> dict[str, Any]:
    """The example order with forty lines: about 600 values."""
    made: dict[str, Any] = copy.deepcopy(schema["examples"][0])
    plain = made["lines"][0]
    del plain["taxes"]
    made["lines"] = [
        {
            **copy.deepcopy(plain),
            "line_number": number,
            "line_id": f"northfield-{8800 + number}",
            "requested_date": f"2026-03-{number % 28 + 1:02}",
            **({"notes": "Deliver with certificate of analysis."} if number % 4 == 0 else {}),
        }
        for number in range(1, _LINES + 1)
    ]
    return made


@measure_alone("screen_ms", "Screening an order of 40 lines", "ms", Goal(0.4, 0.2, lower=True))
def screening(sizes: Sizes) -> Figures:
    """Half of the runs are quicker. The policy is compiled already, as it is in the pipeline."""
    layout = Layout.here()
    libraries.provide(layout)
    policy = importlib.import_module("odoo.addons.interop_policy.lib.policy")
    residency = importlib.import_module("odoo.addons.interop_policy.lib.residency")
    sensitivity = importlib.import_module("odoo.addons.interop_document.lib.sensitivity")
    schema = order_schema(layout.checkout)
    frame = policy.Frame(
        sensitivity.Sensitivity.confidential, residency.residency_of("US", {"personal": ["US"]})
    )
    rules = [policy.Rule(*rule) for rule in RULES]
    compiled = policy.compile_policy(rules, sensitivity.sensitivities(schema), frame)
    context = policy.Context(mac, "system/1", 1, "supply", date(2026, 3, 2))
    document = order(schema)
    screened = policy.screen(compiled, document, context)
    medians = []
    for _round in range(sizes.rounds):
        taken = []
        for _turn in range(WARM + sizes.screened):
            started = time.perf_counter()
            policy.screen(compiled, document, context)
            taken.append((time.perf_counter() - started) * 1000)
        medians.append(median(taken[WARM:]))
    raw = {
        "ms": rounds(medians),
        "values": sum(screened.decisions.values()),
        "decisions": screened.decisions,
        "documents_per_round": sizes.screened,
    }
    return {"screen_ms": (median(medians), raw)}


def mac(label: str, data: bytes) -> bytes:
    """What the keyring's digest costs, with a key that is none."""
    return bytes.fromhex(hmac.digest(b"only for measuring", data, "sha256").hex())


def order_schema(checkout: Path) -> dict[str, Any]:
    """The order's schema as it is loaded: with its blocks."""
    blocks = importlib.import_module("odoo.addons.interop_document.lib.blocks")
    types = checkout / "addons" / "interop_document" / "data" / "document_types"
    schema = json.loads((types / "PurchaseOrder-1.0.json").read_text())
    whole: dict[str, Any] = blocks.bind(schema, blocks.load_blocks(types / "blocks"))
    return whole
