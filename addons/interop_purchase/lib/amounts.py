"""Numbers as documents and people need them: exact, rounded once, without float noise."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# Unit prices and quantities travel with at most this many decimals.
DIGITS = 6
_EMPTY: tuple[Any, ...] = ("", {}, [])
_QUANTUM = Decimal(1).scaleb(-DIGITS)


def exact(value: float | int | str | Decimal) -> Decimal:
    """The decimal number a float stands for, to six places.

    >>> exact(0.1 + 0.2)
    Decimal('0.3')
    """
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return plain(number.quantize(_QUANTUM, rounding=ROUND_HALF_UP))


def plain(number: Decimal) -> Decimal:
    """`number` without trailing zeros and never in exponent form.

    >>> plain(Decimal("100.00")), plain(Decimal("0.50"))
    (Decimal('100'), Decimal('0.5'))
    """
    number = number.normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def as_json(value: float | int | Decimal) -> int | float:
    """`value` as the shortest JSON number.

    >>> as_json(12.0), as_json(0.1 + 0.2)
    (12, 0.3)
    """
    number = exact(value)
    return int(number) if number == number.to_integral_value() else float(number)


def round_money(amount: Decimal, rounding: Decimal) -> Decimal:
    """`amount` rounded half up to a multiple of the currency's rounding.

    >>> round_money(Decimal("10.025"), Decimal("0.01"))
    Decimal('10.03')
    >>> round_money(Decimal("10.03"), Decimal("0.05"))
    Decimal('10.05')
    """
    steps = (amount / rounding).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return (steps * rounding).quantize(rounding)


def prune(value: Any) -> Any:
    """`value` without empty members, so that a document holds only what we know.

    Zero and False are values; None, empty text, empty objects and empty arrays are not.

    >>> prune({"name": "Gloves", "gtin": None, "lot": {"required": False}, "address": {"city": ""}})
    {'name': 'Gloves', 'lot': {'required': False}}
    """
    if isinstance(value, dict):
        return {key: kept for key, member in value.items() if not _is_empty(kept := prune(member))}
    if isinstance(value, list | tuple):
        return [kept for member in value if not _is_empty(kept := prune(member))]
    return value


def _is_empty(value: Any) -> bool:
    # Zero and False are equal to none of these; what is compared most is a text.
    return value is None or (not value and value in _EMPTY)
