"""What the simulated partner says about each line of an order (PurchaseOrderAcknowledgement 1.0).

An order reaches a partner as the buyer's policy lets it, so any optional field may be missing:
nothing here relies on more than a line's number and quantity.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Line = Mapping[str, Any]
Answer = dict[str, Any]
LineAnswer = Callable[[Line, int, Mapping[str, Any]], Answer]

LATE = timedelta(days=14)
PRICE_FACTOR = Decimal("1.08")
CENT = Decimal("0.01")


def accept(line: Line, position: int, order: Mapping[str, Any]) -> Answer:
    answer = _answer(line, "accepted", quantity_accepted=line["quantity"])
    answer["promised_date"] = _requested(line, order).isoformat()
    if "unit_price" in line:
        answer["unit_price"] = line["unit_price"]
    return answer


def backorder(line: Line, position: int, order: Mapping[str, Any]) -> Answer:
    """Half of the quantity (rounded down) as asked for, the rest two weeks later."""
    now = line["quantity"] // 2
    answer = _answer(
        line,
        "backordered",
        quantity_accepted=now,
        quantity_backordered=line["quantity"] - now,
        backorder_date=(_requested(line, order) + LATE).isoformat(),
        reason="Out of stock at the central warehouse",
    )
    if now:
        answer["promised_date"] = _requested(line, order).isoformat()
    return answer


def reprice(line: Line, position: int, order: Mapping[str, Any]) -> Answer:
    """Eight per cent dearer, rounded to the cent. A line sent without its price keeps it."""
    answer = accept(line, position, order)
    price = line.get("unit_price")
    if not price:
        return answer
    amount = Decimal(str(price["amount"])) * PRICE_FACTOR
    answer["status"] = "changed"
    answer["unit_price"] = {
        "amount": float(amount.quantize(CENT, ROUND_HALF_UP)),
        "currency": price["currency"],
    }
    answer["reason"] = "New price list"
    return answer


def late(line: Line, position: int, order: Mapping[str, Any]) -> Answer:
    answer = accept(line, position, order)
    answer["promised_date"] = (_requested(line, order) + LATE).isoformat()
    return answer


def reject(line: Line, position: int, order: Mapping[str, Any]) -> Answer:
    return _answer(line, "rejected", quantity_accepted=0, reason="No longer in the range")


def mixed(line: Line, position: int, order: Mapping[str, Any]) -> Answer:
    """The everyday answer: first line as asked, second back-ordered, third dearer, then again."""
    return (accept, _all_later, reprice)[position % 3](line, position, order)


def _all_later(line: Line, position: int, order: Mapping[str, Any]) -> Answer:
    return _answer(
        line,
        "backordered",
        quantity_accepted=0,
        quantity_backordered=line["quantity"],
        backorder_date=(_requested(line, order) + LATE).isoformat(),
        reason="Out of stock at the central warehouse",
    )


def acknowledgement(order: Mapping[str, Any], line_answer: LineAnswer) -> dict[str, Any]:
    """The whole acknowledgement of an order; its `status` follows from the lines."""
    lines = [line_answer(line, position, order) for position, line in enumerate(order["lines"])]
    statuses = {line["status"] for line in lines}
    number = str(order["number"])
    document: dict[str, Any] = {
        "order_number": number,
        "supplier_reference": "SO-" + hashlib.sha256(number.encode()).hexdigest()[:8].upper(),
        "acknowledged_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": statuses.pop() if statuses in ({"accepted"}, {"rejected"}) else "partial",
        "lines": lines,
    }
    if "revision" in order:
        document["order_revision"] = order["revision"]
    if "currency" in order:
        document["currency"] = order["currency"]
    return document


def _answer(line: Line, status: str, **facts: Any) -> Answer:
    return {"line_number": line["line_number"], "status": status} | facts


def _requested(line: Line, order: Mapping[str, Any]) -> date:
    asked = line.get("requested_date") or order.get("requested_date")
    return date.fromisoformat(asked) if asked else datetime.now(UTC).date() + timedelta(days=7)
