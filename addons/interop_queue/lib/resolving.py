"""Tokens that come back: where they stand in a document, and putting the values in their places.

A token is a whole value, or a word within a text if it is one of letters. Which of the candidates
are tokens only the vault can tell; what it does not know stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from odoo.addons.interop_policy.lib.tokens import LONGEST, MARK, SHORTEST

_WORD = re.compile(rf"\b{MARK}[a-z2-7]{{8,40}}\b")
#: Of a document with more candidates than this none is looked up: nobody sent so many tokens.
MOST = 10_000


def candidates(body: Any) -> set[str]:
    """What might be a token in `body`.

    >>> sorted(candidates({"a": ["tok_abcdefgh, please", 1234567890], "b": {"c": "x"}}))
    ['1234567890', 'tok_abcdefgh']
    """
    found: set[str] = set()
    left: list[Any] = [body]
    while left:
        value = left.pop()
        if type(value) is dict:
            left += value.values()
        elif type(value) is list:
            left += value
        elif type(value) is str:
            if MARK in value:
                found.update(_WORD.findall(value))
            elif _is_digits(value):
                found.add(value)
        elif type(value) is int and _is_digits(str(value)):
            found.add(str(value))
    return found


def resolved(body: Any, values: Mapping[str, Any]) -> Any:
    """`body` with the values in the places of their tokens; a new one where something changed."""
    if type(body) is dict:
        return {name: resolved(inner, values) for name, inner in body.items()}
    if type(body) is list:
        return [resolved(inner, values) for inner in body]
    if type(body) is str:
        if body in values:
            return values[body]
        if MARK in body:
            return _WORD.sub(lambda met: str(values.get(met[0], met[0])), body)
    elif type(body) is int and str(body) in values:
        return values[str(body)]
    return body


def _is_digits(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isdigit()
