"""Identification numbers: GTIN, GLN, SSCC (GS1 General Specifications, 7.9) and NPI."""

from __future__ import annotations

from typing import Any

from ... import gs1
from .converters import ConvertError, converter, text_of

_DIGITS = frozenset("0123456789")
_LENGTHS = {"gtin": gs1.GTIN_LENGTHS, "gln": {13}, "sscc": {18}}


def _digits(value: Any) -> str:
    found = text_of(value).strip()
    if not found or not _DIGITS.issuperset(found):
        raise ConvertError("digits only are needed")
    return found


@converter("Check a number")
def checked(value: Any, kind: str) -> str:
    """The number itself, if its length and check digit are right: `gtin`, `gln`, `sscc`, `npi`."""
    digits = _digits(value)
    if kind == "npi":
        if len(digits) != 10 or not _has_luhn(f"80840{digits}"):
            raise ConvertError("a number with the right check digit is needed")
        return digits
    if kind not in _LENGTHS:
        raise ConvertError("the kind is one of gtin, gln, sscc, npi")
    if len(digits) not in _LENGTHS[kind] or gs1.check_digit(digits[:-1]) != digits[-1]:
        raise ConvertError("a number with the right check digit is needed")
    return digits


@converter("Add the check digit")
def with_check_digit(value: Any) -> str:
    """A GS1 number (GTIN, GLN, SSCC) with its check digit behind it."""
    digits = _digits(value)
    if len(digits) > 30:
        raise ConvertError("no number has so many digits")
    return digits + gs1.check_digit(digits)


@converter("GTIN with 14 digits", lambda given: ("gtin_short", {}))
def gtin14(value: Any) -> str:
    """A GTIN of any length with zeros before it, as EDI wants it."""
    return checked(value, "gtin").rjust(14, "0")


@converter("GTIN as printed", lambda given: ("gtin14", {}))
def gtin_short(value: Any) -> str:
    """A GTIN-14 without the zeros before it: 13 digits, or 12 or 8 if it is that short."""
    digits = checked(value, "gtin").rjust(14, "0")
    for length in (8, 12, 13):
        if digits[: 14 - length] == "0" * (14 - length):
            return digits[14 - length :]
    return digits


def _has_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
