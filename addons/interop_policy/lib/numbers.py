"""Numbers that point to a person or an account: SSN, NPI, payment cards."""

import re
from collections.abc import Iterator, Sequence

from .kinds import CrowdedError, Hints, Kind, Span, register

# Digits with separators between them; what follows is one number or several.
_SPAN = re.compile(r"\d[\d .\-/()_\t\r\n]{5,}\d")
_DIGITS = re.compile(r"[0-9]+")
_SEPARATORS = frozenset(" .-/()_\t\r\n")
_FARTHEST = 3
MOST_GROUPS = 5_000

_DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}


_NO_DIGITS = dict.fromkeys(map(ord, "0123456789"))


def has_digits(text: str, fewest: int) -> bool:
    """Whether a folded text has so many digits at all: most that are looked at have too few."""
    return len(text) - len(text.translate(_NO_DIGITS)) >= fewest


def has_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = sum(map(int, digits[-1::-2])) + sum(map(_DOUBLED.__getitem__, digits[-2::-2]))
    return total % 10 == 0


def is_ssn(digits: str) -> bool:
    """Nine digits that may be a Social Security number: area, group and serial were issued.

    Never issued: areas 000, 666 and 900 to 999, group 00, serial 0000 (SSA, POMS RM 10201.035).
    """
    area = digits[:3]
    issued = area not in ("000", "666") and area < "900"
    return len(digits) == 9 and issued and digits[3:5] != "00" and digits[5:] != "0000"


def is_npi(digits: str) -> bool:
    """A National Provider Identifier (45 CFR 162.406): Luhn over it with the prefix 80840."""
    return len(digits) == 10 and digits[0] in "12" and has_luhn(f"80840{digits}")


def is_card(digits: str) -> bool:
    """A payment card's number: issuer range and length (ISO/IEC 7812), and the check digit."""
    if not 13 <= len(digits) <= 19:
        return False
    return any(
        low <= digits[: len(low)] <= high and len(digits) in lengths
        for low, high, lengths in _ISSUERS
    ) and has_luhn(digits)


_ISSUERS: tuple[tuple[str, str, Sequence[int]], ...] = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", range(14, 20)),  # Diners Club
    ("36", "36", range(14, 20)),
    ("38", "39", range(14, 20)),
    ("3528", "3589", range(16, 20)),  # JCB
    ("6011", "6011", range(16, 20)),  # Discover
    ("644", "659", range(16, 20)),
    ("62", "62", range(16, 20)),  # UnionPay
    ("5018", "5018", range(13, 20)),  # Maestro
    ("5020", "5020", range(13, 20)),
    ("5038", "5038", range(13, 20)),
    ("6304", "6304", range(13, 20)),
    ("6759", "6763", range(13, 20)),
)


def runs(text: str) -> Iterator[list[Span]]:
    """Groups of digits that stand together, with at most a few separators between two.

    Raises `CrowdedError` when there are more groups than anybody writes into a text.
    """
    run: list[Span] = []
    for count, found in enumerate(_DIGITS.finditer(text)):
        if count >= MOST_GROUPS:
            raise CrowdedError
        start, end = found.span()
        if run and not (
            start - run[-1][1] <= _FARTHEST and _SEPARATORS.issuperset(text[run[-1][1] : start])
        ):
            yield run
            run = []
        run.append((start, end))
    if run:
        yield run


def windows(
    run: list[Span], fewest: int, most: int, groups: int = 19
) -> Iterator[tuple[list[Span], tuple[int, ...]]]:
    """Neighbouring groups with `fewest` to `most` digits in all, and how many each has."""
    for first in range(len(run)):
        total = 0
        for last in range(first, min(len(run), first + groups)):
            total += run[last][1] - run[last][0]
            if total > most:
                break
            if total >= fewest:
                window = run[first : last + 1]
                yield window, tuple(end - start for start, end in window)


def digits_of(text: str, window: list[Span]) -> str:
    return "".join(text[start:end] for start, end in window)


def follows(text: str, place: int, words: re.Pattern[str], within: int = 24) -> bool:
    """Whether one of `words` stands shortly before `place`, in the same text."""
    return words.search(text, max(0, place - within), place) is not None


def stands_alone(text: str, window: list[Span]) -> bool:
    """Whether no letter touches it and it is not what follows a decimal point."""
    start, end = window[0][0], window[-1][1]
    before, after = text[max(0, start - 2) : start], text[end : end + 1]
    if before[-1:].isalpha() or before[-1:] == "_" or after.isalpha() or after == "_":
        return False
    return not (len(before) == 2 and before[1] in ".," and before[0].isdigit())


# Not in brackets: there they stand for what was masked.
_SSN_WORDS = re.compile(r"(?<!\[)\bssns?|social.?security|\bss ?#|soc\.? ?sec")
_NPI_WORDS = re.compile(r"(?<!\[)\bnpi|provider.?id")
_ONE_BY_ONE = {size: (1,) * size for size in (9, 10)}


def scout_digits(text: str, hints: Hints) -> Iterator[int]:
    """Where seven digits or more stand together."""
    for found in _SPAN.finditer(text):
        yield found.start()


def _find_ssn(text: str, hints: Hints) -> Iterator[Span]:
    if not has_digits(text, 9):
        return
    for run in runs(text):
        for window, sizes in windows(run, 9, 9, 9):
            if not is_ssn(digits_of(text, window)):
                continue
            start, end = window[0][0], window[-1][1]
            plain = sizes in ((9,), _ONE_BY_ONE[9])
            if (
                sizes == (3, 2, 4)
                or (plain and hints.bare and stands_alone(text, window))
                or follows(text, start, _SSN_WORDS)
            ):
                yield start, end


def _find_npi(text: str, hints: Hints) -> Iterator[Span]:
    if not has_digits(text, 10):
        return
    for run in runs(text):
        for window, sizes in windows(run, 10, 10, 10):
            if not is_npi(digits_of(text, window)):
                continue
            plain = sizes in ((10,), (5, 5), (4, 3, 3), _ONE_BY_ONE[10])
            if (plain and hints.bare and stands_alone(text, window)) or follows(
                text, window[0][0], _NPI_WORDS
            ):
                yield window[0][0], window[-1][1]


def _find_card(text: str, hints: Hints) -> Iterator[Span]:
    if not has_digits(text, 13):
        return
    for run in runs(text):
        for window, sizes in windows(run, 13, 19):
            # Numbers that merely stand side by side are not one: only groups as cards have them,
            # and no part of a UUID.
            if not _grouped_like_a_card(sizes) or not is_card(digits_of(text, window)):
                continue
            if len(sizes) == 1 or stands_alone(text, window):
                yield window[0][0], window[-1][1]


def _grouped_like_a_card(sizes: tuple[int, ...]) -> bool:
    *others, last = sizes
    if not others or sizes in ((4, 6, 5), (4, 6, 4)):
        return True
    size = others[0]
    return size in (1, 2, 4, 8) and last <= size and all(other == size for other in others)


SSN = register(Kind("ssn", "US Social Security number", "SSN", scout_digits, _find_ssn))
NPI = register(Kind("npi", "US provider identifier (NPI)", "NPI", scout_digits, _find_npi))
CARD = register(Kind("card", "Payment card number", "CARD", scout_digits, _find_card))
