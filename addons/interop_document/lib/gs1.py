"""GS1 identification numbers: length and check digit.

Source: GS1 General Specifications, section 7.9 "Check digit calculations": from the right, the
digits before the check digit weigh 3, 1, 3, 1 …; the check digit fills the sum up to a multiple of
ten.
"""

from functools import lru_cache

_DIGITS = frozenset("0123456789")
GTIN_LENGTHS = frozenset({8, 12, 13, 14})
GLN_LENGTH = 13
SSCC_LENGTH = 18


def check_digit(digits: str) -> str:
    """The check digit that belongs behind `digits` (ASCII digits only).

    >>> check_digit("629104150021")
    '3'
    """
    values = [int(digit) for digit in reversed(digits)]
    return str(-(3 * sum(values[::2]) + sum(values[1::2])) % 10)


@lru_cache(maxsize=8192)
def is_gtin(text: str) -> bool:
    """Whether `text` is a GTIN-8, -12, -13 or -14 with the right check digit.

    >>> is_gtin("6291041500213"), is_gtin("6291041500214"), is_gtin("629104150021")
    (True, False, False)
    """
    return len(text) in GTIN_LENGTHS and _checks(text)


@lru_cache(maxsize=8192)
def is_gln(text: str) -> bool:
    """Whether `text` is a Global Location Number: 13 digits, the last one the check digit."""
    return len(text) == GLN_LENGTH and _checks(text)


def is_sscc(text: str) -> bool:
    """Whether `text` is a Serial Shipping Container Code: 18 digits, the last one the check digit.

    >>> is_sscc("340000200000000018"), is_sscc("340000200000000019")
    (True, False)
    """
    return len(text) == SSCC_LENGTH and _checks(text)


def is_udi_di(text: str) -> bool:
    """Whether `text` may be a UDI device identifier.

    GS1 issues GTINs; HIBCC and ICCBBA use letters too. Only what is all digits can be checked.
    """
    return is_gtin(text) if _DIGITS.issuperset(text) else True


def _checks(text: str) -> bool:
    return _DIGITS.issuperset(text) and check_digit(text[:-1]) == text[-1]
