"""Patterns of an organisation's own numbers, in a language too small to do harm.

`#` is a digit, `@` a letter, any other letter or digit stands for itself, and between them may be
spaces and the separators `-`, `.`, `/`, `_` and `:`: `MRN-######`. Separators may be missing or
others in a text that is looked at. There is no repetition, so no pattern can run away.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from odoo.addons.interop_base.lib.failures import PolicyError

LONGEST = 40
FEWEST_DIGITS = 4
_SEPARATORS = " -./_:"
_BETWEEN = r"[ \-./_:#]"
_FEWEST_BETWEEN = 2
_WORD = re.compile("[a-z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Template:
    """One pattern, ready to be looked for in folded texts."""

    text: str
    rule: re.Pattern[str] = field(repr=False, compare=False)
    word: str = field(repr=False, compare=False)
    """Its longest run of fixed characters: a text without it has no such number. May be empty."""


@lru_cache(maxsize=1000)
def template(text: str) -> Template:
    """The template `text`; raises `PolicyError` that says what is wrong with it."""
    if not 1 <= len(text) <= LONGEST:
        raise PolicyError(f"A pattern has 1 to {LONGEST} characters.")
    for character in text:
        fixed = character.isascii() and character.isalnum()
        if not fixed and character not in "#@" and character not in _SEPARATORS:
            raise PolicyError(
                "A pattern has # for a digit, @ for a letter, and beside them only plain letters, "
                "digits, spaces and - . / _ : as in MRN-######."
            )
    if text.count("#") < FEWEST_DIGITS:
        raise PolicyError(
            f"A pattern needs {FEWEST_DIGITS} digits (#) or more, or it would meet half of all "
            "texts."
        )
    lowered = text.lower()
    parts = [_part(part) for part in re.findall(r"#+|@+|[a-z0-9]|[ \-./_:]+", lowered)]
    rule = re.compile(rf"(?<![a-z0-9]){''.join(parts)}(?![a-z0-9])")
    words: list[str] = _WORD.findall(lowered)
    return Template(text, rule, max(words, key=len, default=""))


def _part(part: str) -> str:
    match part[0]:
        case "#":
            return f"[0-9]{{{len(part)}}}"
        case "@":
            return f"[a-z]{{{len(part)}}}"
        case mark if mark in _SEPARATORS:
            return f"{_BETWEEN}{{0,{max(len(part), _FEWEST_BETWEEN)}}}"
        case fixed:
            return fixed
