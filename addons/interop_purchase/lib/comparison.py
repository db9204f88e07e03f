"""Compare a supplier's acknowledgement with the order it answers.

Pure: in go what we ordered and what the supplier said, out come what to note on each line and what
a person has to decide. Nothing here writes, and a price is never among what is only noted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from odoo.addons.interop_exception.lib.facts import Fact

from .amounts import exact, plain, round_money
from .identifiers import same_gtin
from .units import SINGLE_PIECE

# What a difference is about. The code is part of the exception's subject and of the sentences.
PRICE, CURRENCY = "price", "currency"
DELIVERY, QUANTITY, REJECTED, PRODUCT, UNIT = "delivery", "quantity", "rejected", "product", "unit"
KINDS = (PRICE, CURRENCY, DELIVERY, QUANTITY, REJECTED, PRODUCT, UNIT)

# An item is recognised by the strongest key that both sides know.
ITEM_KEYS = ("gtin", "udi_di", "buyer_item_code", "supplier_item_code")
ITEM_LABELS = {
    "gtin": "GTIN",
    "udi_di": "UDI-DI",
    "buyer_item_code": "Our item code",
    "supplier_item_code": "Supplier's item code",
}


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """One line as it stands on our order now."""

    number: int
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = Decimal(0)  # percent
    requested_date: date | None = None
    unit_code: str = ""
    unit_name: str = ""
    item: Mapping[str, str] | None = None

    @property
    def net_price(self) -> Decimal:
        return self.unit_price * (1 - self.discount / 100)


@dataclass(frozen=True, slots=True)
class Ordered:
    """The order: its currency with the smallest step of money, and its lines."""

    currency: str
    rounding: Decimal
    lines: tuple[OrderedLine, ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """What the supplier said about one line, to be noted on it."""

    number: int
    status: str
    accepted: Decimal
    backordered: Decimal
    promised_date: date | None
    backorder_date: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What a person has to decide about one line.

    `stake` is the money it is about, never negative, in the order's currency. `price`, `planned`
    and `quantity` are what accepting theirs would write; None where there is nothing to write.
    """

    kind: str
    number: int
    facts: tuple[Fact, ...]
    stake: Decimal
    price: Decimal | None = None
    planned: date | None = None
    quantity: Decimal | None = None

    @property
    def acceptable(self) -> bool:
        """Whether accepting theirs is something we can write into the order."""
        return any(value is not None for value in (self.price, self.planned, self.quantity))


@dataclass(frozen=True, slots=True)
class Comparison:
    noted: tuple[Noted, ...]
    differences: tuple[Difference, ...]


def problems(ordered: Ordered, answer: Mapping[str, Any]) -> list[str]:
    """Why the answer cannot belong to this order, as sentences without values; empty if it can."""
    known = {line.number for line in ordered.lines}
    seen: set[int] = set()
    found = []
    for position, line in enumerate(answer["lines"], start=1):
        number = line["line_number"]
        if number not in known:
            found.append(f"lines {position}, line_number: the order has no line with this number")
        elif number in seen:
            found.append(f"lines {position}, line_number: this line was answered before")
        seen.add(number)
    return found


def compare(ordered: Ordered, answer: Mapping[str, Any]) -> Comparison:
    """Compare the acknowledgement `answer` (a valid document body) with the order.

    Lines that the answer does not name follow the status of the whole order; if that is
    "partial", nothing is said about them and they stay as they are. The caller has made sure that
    `problems` finds none.
    """
    lines = {line.number: line for line in ordered.lines}
    answers = list(answer["lines"])
    if answer["status"] in ("accepted", "rejected"):
        named = {line["line_number"] for line in answers}
        answers += [
            {"line_number": number, "status": answer["status"]}
            for number in lines
            if number not in named
        ]
    noted: list[Noted] = []
    differences: list[Difference] = []
    for theirs in answers:
        ours = lines[theirs["line_number"]]
        stops = list(_identity(ordered, ours, theirs))
        if stops:
            # Another item or unit: its quantities and prices cannot be compared with ours.
            differences += stops
            continue
        note = _note(ours, theirs)
        noted.append(note)
        differences += _line_differences(ordered, ours, theirs, note, answer.get("currency"))
    return Comparison(tuple(noted), tuple(differences))


def _identity(
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


def _note(ours: OrderedLine, theirs: Mapping[str, Any]) -> Noted:
    status = theirs["status"]
    accepted = _number(theirs.get("quantity_accepted"))
    backordered = _number(theirs.get("quantity_backordered"))
    if status == "rejected":
        accepted = backordered = Decimal(0)
    elif status == "backordered":
        if backordered is None:
            backordered = max(ours.quantity - (accepted or Decimal(0)), Decimal(0))
        if accepted is None:
            accepted = max(ours.quantity - backordered, Decimal(0))
    else:
        backordered = backordered or Decimal(0)
        if accepted is None:
            accepted = max(ours.quantity - backordered, Decimal(0))
    return Noted(
        number=ours.number,
        status=status,
        accepted=accepted,
        backordered=backordered,
        promised_date=_date(theirs.get("promised_date")),
        backorder_date=_date(theirs.get("backorder_date")),
        reason=theirs.get("reason") or "",
    )


def _line_differences(
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
            "lines[].quantity_accepted",
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
                "lines[].quantity_accepted",
                _text(ours.quantity),
                _text(note.accepted),
                _signed(note.accepted - ours.quantity),
            )
        )
        facts.append(
            Fact(
                "Back-ordered",
                "lines[].quantity_backordered",
                "0",
                _text(note.backordered),
                _signed(note.backordered),
            )
        )
    if note.promised_date:
        facts.append(
            _date_fact(
                "Delivery date", "lines[].promised_date", ours.requested_date, note.promised_date
            )
        )
    if note.backordered and note.backorder_date:
        facts.append(
            _date_fact(
                "Back-order date",
                "lines[].backorder_date",
                ours.requested_date,
                note.backorder_date,
            )
        )
    if note.reason:
        facts.append(Fact("Reason", "lines[].reason", "", note.reason))
    stake = _amount(ordered, ours, note.backordered or ours.quantity)
    return Difference(
        DELIVERY, ours.number, tuple(facts), stake, planned=_planned(ours, note, late)
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
            "lines[].quantity_accepted",
            _text(ours.quantity),
            _text(confirmed),
            _signed(gap),
        )
    ]
    if note.reason:
        facts.append(Fact("Reason", "lines[].reason", "", note.reason))
    stake = _amount(ordered, ours, abs(gap))
    return Difference(QUANTITY, ours.number, tuple(facts), stake, quantity=confirmed)


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
            "lines[].unit_price.amount",
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
            "lines[].unit_price.amount",
            f"{_price_text(ours.unit_price, ordered)} {ordered.currency}",
            f"{_price_text(theirs, ordered)} {ordered.currency}",
            f"{_price_text(step, ordered, sign='+')} {ordered.currency}{share}",
        ),
        Fact(
            "Line amount",
            "lines[].unit_price.amount",
            f"{before} {ordered.currency}",
            f"{after} {ordered.currency}",
            f"{after - before:+} {ordered.currency}",
        ),
    )
    yield Difference(PRICE, ours.number, facts, abs(after - before), price=theirs)


def _amount(ordered: Ordered, line: OrderedLine, quantity: Decimal) -> Decimal:
    return round_money(quantity * line.net_price, ordered.rounding)


def _days_late(requested: date | None, promised: date | None) -> int:
    return (promised - requested).days if requested and promised else 0


def _date_fact(label: str, path: str, ours: date | None, theirs: date) -> Fact:
    days = _days_late(ours, theirs)
    difference = f"{days:+} day{'' if abs(days) == 1 else 's'}" if days else ""
    return Fact(label, path, ours.isoformat() if ours else "", theirs.isoformat(), difference)


def _number(value: float | None) -> Decimal | None:
    return None if value is None else exact(value)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _text(number: Decimal) -> str:
    return f"{plain(number):f}"


def _price_text(price: Decimal, ordered: Ordered, sign: str = "") -> str:
    """A price with the decimals it has, but not fewer than the currency's (5.20 and not 5.2)."""
    rounded = round_money(price, ordered.rounding)
    return f"{rounded if rounded == price else plain(price):{sign}f}"


def _signed(number: Decimal) -> str:
    return f"{plain(number):+f}"
