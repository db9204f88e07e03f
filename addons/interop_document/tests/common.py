"""What tests of documents share: the shipped schemas and an order of any length."""

import copy
import json
from pathlib import Path
from typing import Any

from odoo.addons.interop_document.lib.blocks import SHIPPED, bind, load_blocks

TYPES = Path(__file__).parent.parent / "data" / "document_types"
FILES = sorted(TYPES.glob("*-1.0.json"))


def schema_of(code: str, version: str = "1.0") -> dict[str, Any]:
    """The schema as it is loaded: with its blocks."""
    text = (TYPES / f"{code}-{version}.json").read_text(encoding="utf-8")
    return bind(json.loads(text), load_blocks(SHIPPED))


def example_of(code: str, version: str = "1.0") -> dict[str, Any]:
    return copy.deepcopy(schema_of(code, version)["examples"][0])


def order_of(lines: int) -> dict[str, Any]:
    """The example order with so many lines."""
    order = example_of("PurchaseOrder")
    template = order["lines"][-1]
    order["lines"] = [
        {**copy.deepcopy(template), "line_number": number} for number in range(1, lines + 1)
    ]
    return order


SCHEMAS = {path.stem.partition("-")[0]: schema_of(path.stem.partition("-")[0]) for path in FILES}
