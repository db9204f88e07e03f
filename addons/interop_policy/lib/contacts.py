"""How a person is reached: e-mail addresses and telephone numbers; and people's names."""

import re
from collections.abc import Iterator

import phonenumbers

from .kinds import Hints, Kind, Span, register
from .numbers import digits_of, follows, has_digits, runs, scout_digits, stands_alone, windows

_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,62})\.){1,10}[^\W\d_]{2,63}")
_LONGEST_LOCAL = 64


def _scout_email(text: str, hints: Hints) -> Iterator[int]:
    place = text.find("@")
    while place >= 0:
        yield place
        place = text.find("@", place + 1)


def _find_email(text: str, hints: Hints) -> Iterator[Span]:
    """Looks from each @ to both sides, so that a long text without any costs nothing."""
    for at in _scout_email(text, hints):
        domain = _DOMAIN.match(text, at + 1)
        if domain is None:
            continue
        begin = max(0, at - _LONGEST_LOCAL)
        local = _local_part(text[begin:at])
        if local:
            yield at - local, domain.end()


def _local_part(before: str) -> int:
    """How many characters at the end of `before` may be an address's local part."""
    length = 0
    for character in reversed(before):
        if not (character.isalnum() or character in "._!#$%&'*+/=?^`{|}~-"):
            break
        length += 1
    return length


_PHONE_WORDS = re.compile(
    r"(?<!\[)\b(?:tel|phone|call|fax|mobile|cell|movil|celular|handy|mobil|rufnummer|ring)[a-z]*\b"
)
_NORTH_AMERICA = frozenset({"US", "CA", "PR"})
_ITS_GROUPS = ((3, 3, 4), (1, 3, 3, 4), (3, 7), (1, 3, 7), (1, 10))
_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](?:19|20)\d\d")
# Each check by the library takes some 50 µs: a text with more candidates is not worth more of them,
# and whatever has the length counts.
_MOST_CHECKS = 200
_FEWEST_UNTOLD = 9


def _find_phone(text: str, hints: Hints) -> Iterator[Span]:
    if not has_digits(text, 7):
        return
    checks = 0
    reached = 0
    undated = _DATE.sub(lambda found: "x" * len(found[0]), text)
    for run in runs(undated):
        for window, sizes in sorted(windows(run, 7, 15, 7), key=lambda each: -sum(each[1])):
            start, end = window[0][0], window[-1][1]
            if start < reached or not stands_alone(undated, window):
                continue
            plus = start > 0 and undated[start - 1] == "+"
            opened = start - 1 if undated[start - 1 : start] in ("+", "(") else start
            told = follows(undated, opened, _PHONE_WORDS, 30)
            if not (plus or told or _looks_dialled(undated[start:end], sizes)):
                continue
            checks += 1
            number = digits_of(undated, window)
            whole = len(sizes) == len(run)
            if checks > _MOST_CHECKS or _is_phone(number, sizes, plus, told, whole, hints):
                yield opened, end
                reached = end


def _looks_dialled(written: str, sizes: tuple[int, ...]) -> bool:
    """Whether digits of which nobody says that they are a number to call may still be one.

    Long enough and in groups, on one line, and not in those of a ZIP code with four digits more.
    """
    return (
        len(sizes) > 1 and sum(sizes) >= _FEWEST_UNTOLD and sizes != (5, 4) and "\n" not in written
    )


def _is_phone(
    digits: str, sizes: tuple[int, ...], plus: bool, told: bool, whole: bool, hints: Hints
) -> bool:
    abroad = plus or digits.startswith("00")
    for region in (None,) if abroad else hints.regions:
        likely = region is None or _is_written_like_one(digits, sizes, whole, region, hints.bare)
        if not (told or likely):
            continue
        try:
            parsed = phonenumbers.parse(f"+{digits.lstrip('0')}" if abroad else digits, region)
        except phonenumbers.NumberParseException:
            continue
        # Where somebody says that it is a number to call, it need not be one that is in use.
        sure = plus or told
        if (phonenumbers.is_possible_number if sure else phonenumbers.is_valid_number)(parsed):
            return True
    return False


def _is_written_like_one(
    digits: str, sizes: tuple[int, ...], whole: bool, region: str, bare: bool
) -> bool:
    """Whether it looks like a number of `region`, where nearly all digits may be valid ones.

    In North America by its groups; elsewhere no other digits stand beside it (as in an IBAN), and
    it begins with the digit for calls within the country. Where there is none a code is no number.
    """
    if region in _NORTH_AMERICA:
        return sizes in _ITS_GROUPS
    trunk = phonenumbers.ndd_prefix_for_region(region, True)
    return whole and (digits.startswith(trunk) if trunk else bare)


def _scout_name(text: str, hints: Hints) -> Iterator[int]:
    return hints.names.scout(text)


def _find_name(text: str, hints: Hints) -> Iterator[Span]:
    return hints.names.find(text)


EMAIL = register(Kind("email", "E-mail address", "EMAIL", _scout_email, _find_email))
PHONE = register(Kind("phone", "Telephone number", "PHONE", scout_digits, _find_phone))
NAME = register(Kind("name", "Name of a patient or contact", "NAME", _scout_name, _find_name))
