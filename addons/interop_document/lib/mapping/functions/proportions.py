"""Quantities and prices in packs and pieces: numbers as texts, with a factor or in proportion.

Partners count in pieces what we order in packs, and price so many of them (“6,50 per 100”). What is
needed stands in several fields, so these take a list: `[quantity, uom.code]`.
"""

from __future__ import annotations

from typing import Any

from .converters import ConvertError, converter, list_of, text_of
from .numbers import _quotient, _sane, decimal_of, number_of, number_text, rounded, text_number


@converter("Number with a factor by code, as text")
def factor_text(
    value: Any, factors: dict[str, Any], places: int = 2, point: str = ".", thousands: str = ""
) -> str | None:
    """Of a list of a number and a code: the number times the factor that stands beside the code in
    a small table, as text. `[quantity, uom.code]` with `{"EA": 1, "DZN": 12}` are pieces.

    Nothing if there is no number."""
    pair = list_of(value)
    if len(pair) != 2:
        raise ConvertError("a list of a number and a code is needed")
    if pair[0] is None:
        return None
    factor = factors.get(text_of(pair[1]))
    if type(factor) not in (int, float):
        raise ConvertError("the table of factors has no such code, or no number beside it")
    made = _sane(decimal_of(pair[0]) * decimal_of(factor))
    # Not `number_of`: a float would lose digits that the decimal has.
    return number_text(f"{rounded(made, places):f}", places, point, thousands)


@converter("Number in proportion")
def proportion(value: Any, point: str = ".", thousands: str = "", places: int = 6) -> Any:
    """Of a list of two or three numbers or texts: the first divided by the second, times the third.

    `[price, per, contents]` is the price of a pack of `contents` pieces if `per` pieces cost
    `price`; `[pieces, contents]` is the number of packs. Nothing if there is no first."""
    given = list_of(value)
    if len(given) not in (2, 3):
        raise ConvertError("a list of two or three numbers is needed")
    if given[0] is None:
        return None
    first, second, *third = (decimal_of(text_number(each, point, thousands)) for each in given)
    # Multiplied first: a third of a price times three is the price again.
    return number_of(rounded(_quotient(_sane(first * (third[0] if third else 1)), second), places))
