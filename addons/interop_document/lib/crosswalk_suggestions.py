"""What an unknown code may be translated to: from codes that look the same, here and elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

Pair = tuple[str, str]
"""A code of the unknown one's side, and what it is translated to."""

# Short codes are all alike: EA is no misspelt CA.
_SHORTEST, _ALIKE = 5, 0.85


def suggest(code: str, here: Iterable[Pair], elsewhere: Iterable[Pair] = ()) -> str | None:
    """The one answer that is likely, or None: what two codes disagree about is no suggestion.

    `here` are the crosswalk's own pairs, also those that have ended; `elsewhere` those of others of
    its kind.

    >>> suggest("pce.", [("PCE", "EA"), ("CT", "BX")])
    'EA'
    """
    wanted = _loose(code)
    if not wanted:
        return None
    own = _by_code(here)
    for known in (own, _by_code(elsewhere)):
        if wanted in known:
            return _only(known[wanted])
    if len(wanted) < _SHORTEST:
        return None
    close = get_close_matches(wanted, [each for each in own if len(each) >= _SHORTEST], 1, _ALIKE)
    return _only(own[close[0]]) if close else None


def _loose(code: str) -> str:
    return "".join(letter for letter in code.casefold() if letter.isalnum())


def _by_code(pairs: Iterable[Pair]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for code, answer in pairs:
        found.setdefault(_loose(code), set()).add(answer)
    return found


def _only(answers: set[str]) -> str | None:
    return next(iter(answers)) if len(answers) == 1 else None
