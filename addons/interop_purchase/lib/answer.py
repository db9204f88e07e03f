"""What an order and its answer are, to compare them; and what comes out of the comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.addons.interop_document.lib.sources import Value
from odoo.addons.interop_exception.lib.facts import Fact

# What a difference is about. The code is part of the exception's subject and of the sentences.
PRICE, CURRENCY = "price", "currency"
DELIVERY, QUANTITY, REJECTED, PRODUCT, UNIT = "delivery", "quantity", "rejected", "product", "unit"
KINDS = (PRICE, CURRENCY, DELIVERY, QUANTITY, REJECTED, PRODUCT, UNIT)


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


# What accepting theirs can write into our line.
WRITES_PRICE, WRITES_DATE, WRITES_QUANTITY = "price", "planned", "quantity"


@dataclass(frozen=True, slots=True)
class Claim:
    """One field of the answer that says something else than the order, for a rule to decide about.

    `path` is the field's path in the acknowledgement. `base` is what percent are of, where that is
    not our value. `writes` is what taking their value would write; empty where there is nothing to
    write beside what is noted on the line anyway.
    """

    label: str
    path: str
    ours: Value
    theirs: Value
    currency: str | None = None
    base: Decimal | None = None
    writes: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a person has to decide about one line, unless rules decide about all its claims.

    `stake` is the money it is about, never negative, in the order's currency. `price`, `planned`
    and `quantity` are what accepting theirs would write; None where there is nothing to write.
    A difference without claims (another item, unit or currency, a rejected line) is always for a
    person: no rule can know what to do instead.
    """

    kind: str
    number: int
    facts: tuple[Fact, ...]
    stake: Decimal
    price: Decimal | None = None
    planned: date | None = None
    quantity: Decimal | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def acceptable(self) -> bool:
        """Whether accepting theirs is something we can write into the order."""
        return any(value is not None for value in (self.price, self.planned, self.quantity))


@dataclass(frozen=True, slots=True)
class Comparison:
    noted: tuple[Noted, ...]
    differences: tuple[Difference, ...]
