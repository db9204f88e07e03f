"""Texts as detectors read them: lower case, without accents, with plain digits and separators.

Somebody who writes a number with full-width digits, no-break spaces or invisible characters in it
has still written that number.
"""

import unicodedata

# Letters that are no base letter with an accent in Unicode's eyes, but in those of people.
_STROKED = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t",
    "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th",
}  # fmt: skip

# Letters that are also written as two: "Mueller" is how a passport writes Müller.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


class _Plain(dict[int, str]):
    """What each character is read as; worked out once per character that occurs."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        self[code] = plain
        return plain


def _plain(character: str) -> str:
    if unicodedata.decimal(character, None) is not None:
        return str(unicodedata.decimal(character))
    match unicodedata.category(character):
        case "Cf" | "Mn" | "Me":
            return ""  # soft hyphens, joiners, accents that stand alone
        case "Pd":
            return "-"
        case "Zs" | "Zl" | "Zp":
            return " "
    decomposed = unicodedata.normalize("NFKD", character)
    lowered = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
    return "".join(_STROKED.get(c, c) for c in lowered if not unicodedata.combining(c))


_PLAIN = _Plain()


def fold(text: str) -> str:
    """`text` as detectors read it; places in it are not those of `text`.

    >>> fold("Zoë\\u00a0Müller, ５５５‑0123")
    'zoe muller, 555-0123'
    """
    return text.lower() if text.isascii() else text.translate(_PLAIN)


def spell_out(text: str) -> str:
    """`text` with letters written as two that are written so where there is no such key.

    >>> spell_out("Jürgen Åse")
    'juergen aase'
    """
    return unicodedata.normalize("NFC", text).lower().translate(_SPELT_OUT)


def fold_places(text: str) -> tuple[str, list[int] | None]:
    """`fold(text)`, and for each of its characters the place in `text`; None if they are equal."""
    if text.isascii():
        return text.lower(), None
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = _PLAIN[ord(character)]
        pieces.append(plain)
        places += [place] * len(plain)
    return "".join(pieces), places
