"""Texts: case, spaces, length, joining and taking apart, names and addresses, small tables."""

from __future__ import annotations

import unicodedata
from typing import Any

from .converters import ConvertError, converter, kind_of, list_of, text_of

_LONGEST = 100_000


@converter("Upper case")
def upper(value: Any) -> str:
    """All letters as capitals."""
    return text_of(value).upper()


@converter("Lower case")
def lower(value: Any) -> str:
    """All letters as small ones."""
    return text_of(value).lower()


@converter("Text")
def text(value: Any) -> str:
    """A number as text; a text stays as it is."""
    return text_of(value)


@converter("Trim spaces")
def trim(value: Any) -> str:
    """Without spaces at both ends, and with one space where there were several."""
    return " ".join(text_of(value).split())


@converter("ASCII letters only")
def ascii_(value: Any) -> str:
    """Letters without accents; what has no plain letter becomes a question mark.

    `Zoë Müller` becomes `Zoe Muller`, `Straße` becomes `Strasse`.
    """
    decomposed = unicodedata.normalize("NFKD", text_of(value).replace("ß", "ss"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return plain.encode("ascii", "replace").decode()


@converter("Cut to a length")
def cut(value: Any, length: int) -> str:
    """At most so many characters; the rest is lost."""
    if not 1 <= length <= _LONGEST:
        raise ConvertError(f"the length must be from 1 to {_LONGEST}")
    return text_of(value)[:length]


@converter("Fill up to a length")
def pad(value: Any, length: int, fill: str = " ", left: bool = False) -> str:
    """At least so many characters, filled up at the end (or, with `left`, at the beginning)."""
    if not 1 <= length <= 1000 or len(fill) != 1:
        raise ConvertError("the length must be from 1 to 1000, and one character fills up")
    found = text_of(value)
    return found.rjust(length, fill) if left else found.ljust(length, fill)


@converter("Join a list", lambda given: ("split", dict(given)))
def join(value: Any, separator: str = " ") -> str:
    """The texts and numbers of a list as one text; what is missing or empty is left out."""
    parts = [text_of(each) for each in list_of(value) if each is not None and each != ""]
    if sum(map(len, parts)) + len(separator) * len(parts) > _LONGEST:
        raise ConvertError(f"the text would be longer than {_LONGEST} characters")
    return separator.join(parts)


@converter("Take apart", lambda given: ("join", dict(given)))
def split(value: Any, separator: str = " ") -> list[str]:
    """A text as a list of its parts."""
    if not separator:
        raise ConvertError("a separator is needed")
    return text_of(value).split(separator)


@converter("Part of a text")
def part(value: Any, number: int, separator: str = " ") -> str | None:
    """One part of a text, counted from 1, from the end with -1; nothing if there are fewer."""
    parts = split(value, separator)
    if number == 0:
        raise ConvertError("parts are counted from 1, or from the end from -1")
    place = number - 1 if number > 0 else len(parts) + number
    return parts[place] if 0 <= place < len(parts) else None


@converter("First that is not empty")
def first(value: Any) -> Any:
    """The first of a list that is neither missing nor empty; nothing if all are."""
    return next((each for each in list_of(value) if each not in (None, "", [], {})), None)


@converter("Table", lambda given: _turned(given))
def table(value: Any, codes: dict[str, Any], other: str = "") -> str:
    """The text that stands beside the value in a small table; `other` if none does.

    For a handful of fixed codes. What differs from company to company belongs into a crosswalk.
    """
    found = codes.get(text_of(value), other or None)
    if type(found) is not str:
        raise ConvertError("the table has no such entry")
    return found


def _turned(given: Any) -> tuple[str, dict[str, Any]] | None:
    codes = given.get("codes", {})
    back = {str(theirs): ours for ours, theirs in codes.items()}
    return (
        ("table", {"codes": back}) if len(back) == len(codes) and not given.get("other") else None
    )


@converter("Words for yes and no", lambda given: ("yes_no", dict(given)))
def words(value: Any, yes: str = "Y", no: str = "N") -> str:
    """A yes or no as a text."""
    if type(value) is not bool:
        raise ConvertError(f"yes or no is needed, and there is {kind_of(value)}")
    return yes if value else no


@converter("Yes or no from words", lambda given: ("words", dict(given)))
def yes_no(value: Any, yes: str = "Y", no: str = "N") -> bool:
    """One of two texts as yes or no."""
    if yes == no or value not in (yes, no):
        raise ConvertError("one of the two words is needed")
    return bool(value == yes)
