"""What a patient's record is known by: its number, and the day of birth."""

import re
from collections.abc import Iterator

from .kinds import Hints, Kind, Span, register

_RECORD_WORDS = ("mrn", "medical record", "patient id", "patient no")
_RECORD = re.compile(
    r"(?:\bmrn|medical record|patient id|patient no)[a-z]{0,8}[ .:#/-]{0,3}"
    r"(?:(?:number|nr|no|num|id|is)\b[ .:#/-]{0,3}){0,2}([a-z]{0,3}-?[0-9][0-9-]{3,14})"
)


def _scout_record(text: str, hints: Hints) -> Iterator[int]:
    yield from _places(text, _RECORD_WORDS)
    for template in hints.templates:
        if template.word:
            yield from _places(text, (template.word,))
        else:
            for found in template.rule.finditer(text):
                yield found.start()


def _find_record(text: str, hints: Hints) -> Iterator[Span]:
    for found in _RECORD.finditer(text):
        yield found.span(1)
    for template in hints.templates:
        for found in template.rule.finditer(text):
            yield found.span()


def _places(text: str, words: tuple[str, ...]) -> Iterator[int]:
    for word in words:
        place = text.find(word)
        while place >= 0:
            yield place
            place = text.find(word, place + len(word))


# Folded words that mean birth (en, es, fr, de), as beginnings of words, and those that stand alone.
_BIRTH_STEMS = ("birth", "born", "nacid", "nacimiento", "naissance", "gebor", "geburt")
_BIRTH_SHORT = ("dob", "d.o.b", "geb.", "nac.", "fdn", "ddn", "ne le", "nee le", "f. nac")
_BIRTH = re.compile(
    r"birth|\bborn\b|\bnacid[oa]|nacimiento|naissance|\bgebor|geburt"
    r"|\bdob\b|\bd\.o\.b|\bgeb\.|\bnac\.|\bfdn\b|\bddn\b|\bnee? le\b"
)
_NEAR = 40

_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    "ene", "abr", "ago", "dic", "fev", "avr", "mai", "juin", "juil", "aou", "okt", "dez", "marz",
)  # fmt: skip
_MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})[a-z]{{0,7}}\.?"
_DATE = re.compile(
    r"(?<![0-9])(?:"
    r"(?:1[89]|20)[0-9]{2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?[0-9]{1,2}"  # year first
    r"|[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?(?:(?:1[89]|20)[0-9]{2}|[0-9]{2})"
    r"|(?:1[89]|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|[12][0-9]|3[01])(?:1[89]|20)[0-9]{2}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|er|o)?[ ./\-]{{0,2}}(?:de |of )?{_MONTH}[ ,./\-]{{0,3}}"
    r"(?:de |del )?(?:(?:1[89]|20)[0-9]{2}|[0-9]{2}(?![0-9]))"
    r")(?![0-9])"
    rf"|\b{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? (?:1[89]|20)[0-9]{{2}}(?![0-9])"
)


def _scout_birth(text: str, hints: Hints) -> Iterator[int]:
    yield from _places(text, _BIRTH_STEMS)
    yield from _places(text, _BIRTH_SHORT)


def _find_birth(text: str, hints: Hints) -> Iterator[Span]:
    """Dates near a word that means birth. A date alone is none, and neither is a year."""
    reached = 0
    for word in _BIRTH.finditer(text):
        begin, end = max(reached, word.start() - _NEAR), word.end() + _NEAR
        if end <= reached:
            continue
        for found in _DATE.finditer(text, begin, min(len(text), end)):
            yield found.span()
            reached = found.end()


MRN = register(Kind("mrn", "Medical record number", "MRN", _scout_record, _find_record))
BIRTH = register(Kind("birth_date", "Date of birth", "DATE", _scout_birth, _find_birth))
