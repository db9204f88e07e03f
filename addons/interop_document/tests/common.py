"""What tests of documents share: the shipped schemas and an order of any length."""

import copy
import json
from pathlib import Path
from typing import Any

TYPES = Path(__file__).parent.parent / "data" / "document_types"


def schema_of(code: str, version: str = "1.0") -> dict[str, Any]:
    return json.loads((TYPES / f"{code}-{version}.json").read_text(encoding="utf-8"))


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


SCHEMAS = {code: schema_of(code) for code in ("PurchaseOrder", "PurchaseOrderAcknowledgement")}
