"""The differences of one line: facts, money at stake, and what accepting them writes."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from odoo.addons.interop_exception.lib.facts import Fact

from .amounts import exact, plain, round_money
from .answer import (
    CURRENCY,
    DELIVERY,
    PRICE,
    PRODUCT,
    QUANTITY,
    REJECTED,
    UNIT,
    WRITES_DATE,
    WRITES_PRICE,
    WRITES_QUANTITY,
    Claim,
    Difference,
    Noted,
    Ordered,
    OrderedLine,
)
from .identifiers import same_gtin
from .units import SINGLE_PIECE

# Fields of the acknowledgement that rules may decide about.
ACCEPTED = "lines[].quantity_accepted"
BACKORDERED = "lines[].quantity_backordered"
PROMISED = "lines[].promised_date"
BACKORDER_DATE = "lines[].backorder_date"
UNIT_PRICE = "lines[].unit_price.amount"
COMPARED = (UNIT_PRICE, ACCEPTED, BACKORDERED, PROMISED, BACKORDER_DATE)

# An item is recognised by the strongest key that both sides know.
ITEM_KEYS = ("gtin", "udi_di", "buyer_item_code", "supplier_item_code")
ITEM_LABELS = {
    "gtin": "GTIN",
    "udi_di": "UDI-DI",
    "buyer_item_code": "Our item code",
    "supplier_item_code": "Supplier's item code",
}


def identity(
    ordered: Ordered, ours: OrderedLine, theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    key = _other_item(ours.item or {}, theirs.get("item") or {})
    if key:
        fact = Fact(
            ITEM_LABELS[key], f"lines[].item.{key}", (ours.item or {})[key], theirs["item"][key]
        )
        yield Difference(PRODUCT, ours.number, (fact,), _amount(ordered, ours, ours.quantity))
    unit = theirs.get("uom")
    if unit and not _same_unit(ours, unit):
        fact = Fact(
            "Unit", "lines[].uom.name", ours.unit_name, unit.get("name") or unit.get("code", "")
        )
        yield Difference(UNIT, ours.number, (fact,), _amount(ordered, ours, ours.quantity))


def _other_item(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str | None:
    """The key by which the two items differ, or None if they are the same as far as we can tell."""
    for key in ITEM_KEYS:
        mine, other = ours.get(key), theirs.get(key)
        if mine and other:
            same = same_gtin(mine, other) if key == "gtin" else mine.strip() == other.strip()
            return None if same else key
    return None


def _same_unit(ours: OrderedLine, unit: Mapping[str, str]) -> bool:
    code = unit.get("code")
    if code and ours.unit_code:
        return code == ours.unit_code or {code, ours.unit_code} <= SINGLE_PIECE
    name = unit.get("name")
    return not name or name.strip().casefold() == ours.unit_name.strip().casefold()


def line_differences(
    ordered: Ordered,
    ours: OrderedLine,
    theirs: Mapping[str, Any],
    note: Noted,
    currency: str | None,
) -> Iterator[Difference]:
    if note.status == "rejected":
        yield _rejected(ordered, ours, note)
        return
    delivery = _delivery(ordered, ours, note)
    if delivery:
        yield delivery
    quantity = _quantity(ordered, ours, note)
    if quantity:
        yield quantity
    price = theirs.get("unit_price")
    if price:
        yield from _price(ordered, ours, price, currency)


def _rejected(ordered: Ordered, ours: OrderedLine, note: Noted) -> Difference:
    facts = [Fact("Line", "lines[].status", "ordered", "rejected")]
    facts.append(
        Fact(
            "Quantity",
            ACCEPTED,
            _text(ours.quantity),
            "0",
            _signed(-ours.quantity),
        )
    )
    if note.reason:
        facts.append(Fact("Reason", "lines[].reason", "", note.reason))
    stake = _amount(ordered, ours, ours.quantity)
    return Difference(REJECTED, ours.number, tuple(facts), stake, quantity=Decimal(0))


def _delivery(ordered: Ordered, ours: OrderedLine, note: Noted) -> Difference | None:
    """Goods that come later than asked for: the whole line, or its back-ordered part."""
    late = _days_late(ours.requested_date, note.promised_date)
    if not note.backordered and late <= 0:
        return None
    facts = []
    if note.backordered:
        facts.append(
            Fact(
                "Delivered as ordered",
                ACCEPTED,
                _text(ours.quantity),
                _text(note.accepted),
                _signed(note.accepted - ours.quantity),
            )
        )
        facts.append(
            Fact(
                "Back-ordered",
                BACKORDERED,
                "0",
                _text(note.backordered),
                _signed(note.backordered),
            )
        )
    if note.promised_date:
        facts.append(_date_fact("Delivery date", PROMISED, ours.requested_date, note.promised_date))
    if note.backordered and note.backorder_date:
        facts.append(
            _date_fact(
                "Back-order date",
                BACKORDER_DATE,
                ours.requested_date,
                note.backorder_date,
            )
        )
    if note.reason:
        facts.append(Fact("Reason", "lines[].reason", "", note.reason))
    stake = _amount(ordered, ours, note.backordered or ours.quantity)
    return Difference(
        DELIVERY,
        ours.number,
        tuple(facts),
        stake,
        planned=_planned(ours, note, late),
        claims=tuple(_delivery_claims(ours, note)),
    )


def _delivery_claims(ours: OrderedLine, note: Noted) -> Iterator[Claim]:
    """Every field that makes the goods late; the one the line's new date comes from writes it."""
    by_promise = note.accepted > 0 or not note.backorder_date
    if _days_late(ours.requested_date, note.promised_date) > 0:
        yield Claim(
            "Promised date",
            PROMISED,
            ours.requested_date,
            note.promised_date,
            writes=WRITES_DATE if by_promise else "",
        )
    if not note.backordered:
        return
    yield Claim(
        "Back-ordered quantity", BACKORDERED, Decimal(0), note.backordered, base=ours.quantity
    )
    # Goods that come later on no day at all: a value that is missing, which no rule takes.
    if note.backorder_date or note.accepted > 0 or not note.promised_date:
        yield Claim(
            "Back-order date",
            BACKORDER_DATE,
            ours.requested_date,
            note.backorder_date,
            writes="" if by_promise else WRITES_DATE,
        )


def _planned(ours: OrderedLine, note: Noted, late: int) -> date | None:
    """The one date our line can carry: that of the first goods to come."""
    if note.accepted > 0:
        return note.promised_date if late > 0 else None
    first = note.backorder_date or note.promised_date
    return first if first and first != ours.requested_date else None


def _quantity(ordered: Ordered, ours: OrderedLine, note: Noted) -> Difference | None:
    confirmed = note.accepted + note.backordered
    if confirmed == ours.quantity:
        return None
    gap = confirmed - ours.quantity
    facts = [
        Fact(
            "Quantity confirmed",
            ACCEPTED,
            _text(ours.quantity),
            _text(confirmed),
            _signed(gap),
        )
    ]
    if note.reason:
        facts.append(Fact("Reason", "lines[].reason", "", note.reason))
    stake = _amount(ordered, ours, abs(gap))
    claim = Claim("Quantity confirmed", ACCEPTED, ours.quantity, confirmed, writes=WRITES_QUANTITY)
    return Difference(
        QUANTITY,
        ours.number,
        tuple(facts),
        stake,
        quantity=confirmed,
        # None of it is a rejected line, whatever the supplier calls it.
        claims=(claim,) if confirmed else (),
    )


def _price(
    ordered: Ordered, ours: OrderedLine, price: Mapping[str, Any], currency: str | None
) -> Iterator[Difference]:
    """A price differs when it changes what the line costs by at least the smallest step of money.

    A partner that rounds 0.333333 to 0.33 for one piece has not changed our price; for ten
    thousand pieces it has.
    """
    theirs = exact(price["amount"])
    their_currency = price.get("currency") or currency or ordered.currency
    if their_currency != ordered.currency:
        fact = Fact(
            "Unit price",
            UNIT_PRICE,
            f"{_price_text(ours.unit_price, ordered)} {ordered.currency}",
            f"{_price_text(theirs, ordered)} {their_currency}",
        )
        yield Difference(CURRENCY, ours.number, (fact,), _amount(ordered, ours, ours.quantity))
        return
    discounted = 1 - ours.discount / 100
    before = _amount(ordered, ours, ours.quantity)
    after = round_money(theirs * discounted * ours.quantity, ordered.rounding)
    if before == after:
        return
    step = theirs - ours.unit_price
    share = f" ({step / ours.unit_price:+.1%})" if ours.unit_price else ""
    facts = (
        Fact(
            "Unit price",
            UNIT_PRICE,
            f"{_price_text(ours.unit_price, ordered)} {ordered.currency}",
            f"{_price_text(theirs, ordered)} {ordered.currency}",
            f"{_price_text(step, ordered, sign='+')} {ordered.currency}{share}",
        ),
        Fact(
            "Line amount",
            UNIT_PRICE,
            f"{before} {ordered.currency}",
            f"{after} {ordered.currency}",
            f"{after - before:+} {ordered.currency}",
        ),
    )
    claim = Claim(
        "Unit price", UNIT_PRICE, ours.unit_price, theirs, ordered.currency, writes=WRITES_PRICE
    )
    yield Difference(PRICE, ours.number, facts, abs(after - before), price=theirs, claims=(claim,))


def _amount(ordered: Ordered, line: OrderedLine, quantity: Decimal) -> Decimal:
    return round_money(quantity * line.net_price, ordered.rounding)


def _days_late(requested: date | None, promised: date | None) -> int:
    return (promised - requested).days if requested and promised else 0


def _date_fact(label: str, path: str, ours: date | None, theirs: date) -> Fact:
    days = _days_late(ours, theirs)
    difference = f"{days:+} day{'' if abs(days) == 1 else 's'}" if days else ""
    return Fact(label, path, ours.isoformat() if ours else "", theirs.isoformat(), difference)


def _text(number: Decimal) -> str:
    return f"{plain(number):f}"


def _price_text(price: Decimal, ordered: Ordered, sign: str = "") -> str:
    """A price with the decimals it has, but not fewer than the currency's (5.20 and not 5.2)."""
    rounded = round_money(price, ordered.rounding)
    return f"{rounded if rounded == price else plain(price):{sign}f}"


def _signed(number: Decimal) -> str:
    return f"{plain(number):+f}"
