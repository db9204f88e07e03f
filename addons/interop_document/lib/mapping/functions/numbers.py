"""Numbers: decimals without drift, sums, products, units.

Inside everything is decimal (IEEE 754-2008 decimal arithmetic, module `decimal`); numbers leave as
JSON numbers with so many places as were asked for. Halves are rounded away from zero, as in trade.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, DecimalException
from typing import Any

from .converters import ConvertError, converter, kind_of, list_of

_ROUNDING = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
}
_MOST_PLACES = 9
_LARGEST = Decimal(10) ** 15
_DIGITS = frozenset("0123456789")


def decimal_of(value: Any) -> Decimal:
    """A number, or a text that is one with a point. Raises `ConvertError` for anything else."""
    text = str(value).strip() if type(value) in (int, float, str) else ""
    bare = text.lstrip("+-")
    sound = type(value) is not str or (_DIGITS.issuperset(bare.replace(".", "", 1)) and bare)
    if text and len(text) <= 40 and sound:
        with suppress(DecimalException):
            found = Decimal(text)
            if found.is_finite() and abs(found) < _LARGEST:
                return found
    raise ConvertError(f"a number is needed, and there is {kind_of(value)}")


def number_of(value: Decimal) -> int | float:
    """As JSON writes it: a whole number without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


def rounded(value: Decimal, places: int, rounding: str = "half_up") -> Decimal:
    if not 0 <= places <= _MOST_PLACES:
        raise ConvertError(f"the places must be from 0 to {_MOST_PLACES}")
    if rounding not in _ROUNDING:
        raise ConvertError(f"rounding is one of {', '.join(_ROUNDING)}")
    return value.quantize(Decimal(1).scaleb(-places), rounding=_ROUNDING[rounding])


@converter("Number")
def number(value: Any) -> int | float:
    """A text as a number; a number stays as it is."""
    return number_of(decimal_of(value))


@converter("Round")
def round_(value: Any, places: int, rounding: str = "half_up") -> int | float:
    """A number with so many places: `half_up` (usual in trade), `half_even`, `up` or `down`."""
    return number_of(rounded(decimal_of(value), places, rounding))


@converter("Number as text", lambda given: _back(given))
def number_text(value: Any, places: int = 2, point: str = ".", thousands: str = "") -> str:
    """A number as a text with exactly so many places, as `1.234,50`."""
    whole, _dot, fraction = f"{rounded(decimal_of(value), places):,f}".partition(".")
    return whole.replace(",", thousands) + (point + fraction if fraction else "")


def _back(given: Any) -> tuple[str, dict[str, Any]]:
    kept = {name: given[name] for name in ("point", "thousands") if name in given}
    return "text_number", kept


@converter("Number from text", lambda given: ("number_text", dict(given)))
def text_number(value: Any, point: str = ".", thousands: str = "") -> int | float:
    """A text such as `1.234,50` as a number."""
    if type(value) in (int, float):
        return number_of(decimal_of(value))
    if type(value) is not str or len(point) != 1 or point == thousands:
        raise ConvertError(f"a number as text is needed, and there is {kind_of(value)}")
    text = value.strip()
    if thousands:
        text = text.replace(thousands, "")
    if point != "." and "." in text:
        raise ConvertError("a number is needed, and there is text")
    return number_of(decimal_of(text.replace(point, ".")))


@converter("Times a factor", lambda given: ("divide", dict(given)))
def times(value: Any, factor: float) -> int | float:
    """A number times a fixed factor."""
    return number_of(_sane(decimal_of(value) * decimal_of(factor)))


@converter("Divided by a factor", lambda given: ("times", dict(given)))
def divide(value: Any, factor: float) -> int | float:
    """A number divided by a fixed factor, with at most nine places."""
    return number_of(_quotient(decimal_of(value), decimal_of(factor)))


@converter("Sum")
def sum_(value: Any) -> int | float:
    """The sum of a list of numbers; what is missing does not count."""
    found = [decimal_of(each) for each in list_of(value) if each is not None]
    return number_of(_sane(sum(found, Decimal(0))))


@converter("Product")
def product(value: Any) -> int | float:
    """A list of numbers multiplied: price for each times pieces in a pack is the pack's price."""
    total = Decimal(1)
    for each in list_of(value):
        total = _sane(total * decimal_of(each))
    return number_of(total)


@converter("Quotient")
def quotient(value: Any) -> int | float:
    """The first of two numbers divided by the second: the pack's price for each piece in it."""
    pair = list_of(value)
    if len(pair) != 2:
        raise ConvertError("a list of two numbers is needed")
    return number_of(_quotient(decimal_of(pair[0]), decimal_of(pair[1])))


# Factors to a unit that all of a kind share; exact by definition.
_UNITS: dict[str, tuple[str, str]] = {
    "mg": ("mass", "0.001"), "g": ("mass", "1"), "kg": ("mass", "1000"),
    "oz": ("mass", "28.349523125"), "lb": ("mass", "453.59237"),
    "ml": ("volume", "1"), "cl": ("volume", "10"), "l": ("volume", "1000"),
    "gal": ("volume", "3785.411784"), "floz": ("volume", "29.5735295625"),
    "mm": ("length", "1"), "cm": ("length", "10"), "m": ("length", "1000"),
    "in": ("length", "25.4"), "ft": ("length", "304.8"),
    "each": ("count", "1"), "pair": ("count", "2"), "dozen": ("count", "12"),
    "hundred": ("count", "100"), "gross": ("count", "144"), "thousand": ("count", "1000"),
    "minute": ("time", "1"), "hour": ("time", "60"), "day": ("time", "1440"),
}  # fmt: skip


@converter(
    "Convert a unit",
    lambda given: ("unit", {"source": given.get("target"), "target": given.get("source")}),
)
def unit(value: Any, source: str, target: str) -> int | float:
    """A quantity in another unit of its kind (mg g kg oz lb, ml cl l gal floz, mm cm m in ft, each
    pair dozen hundred gross thousand, minute hour day), with at most nine places."""
    if source not in _UNITS or target not in _UNITS or _UNITS[source][0] != _UNITS[target][0]:
        raise ConvertError("the two units are not known, or not of one kind")
    from_, to = Decimal(_UNITS[source][1]), Decimal(_UNITS[target][1])
    return number_of(_quotient(decimal_of(value) * from_, to))


def _quotient(value: Decimal, by: Decimal) -> Decimal:
    if not by:
        raise ConvertError("nothing is divided by zero")
    return rounded(_sane(value / by), _MOST_PLACES)


def _sane(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise ConvertError("the number becomes too large")
    return value
