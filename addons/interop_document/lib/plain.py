"""What counts as a plain JSON value here, and a quick check for it.

Everything that is digested, validated or screened passes this check first. It is stricter than
JSON so that nothing later can be surprised: no other types that merely look like text or numbers,
no endless nesting (a validator written in another language would exhaust its stack), no number that
is not finite or does not fit 64 bits, no text that is not valid Unicode, no NUL character
(PostgreSQL cannot store it).
"""

import re
from typing import Any

#: Less than what the writer of JSON (`canonical.quick_json`) and the validator know.
MAX_DEPTH = 250
MAX_VALUES = 100_000

_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
_INFINITY = float("inf")
# Halves of pairs, which have no UTF-8 form. JSON's escapes can bring them in.
_SURROGATES = re.compile("[\ud800-\udfff]")
_TEXT = frozenset({str})
_CONTAINERS = frozenset({dict, list})
_NESTING = _CONTAINERS | {tuple}


class NotPlain(ValueError):
    """A value that is not plain JSON. The text says where and what kind, never the value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps: list[str | int] = []

    def __str__(self) -> str:
        return f"{show_path(self.steps)}: {self.reason}" if self.steps else self.reason


def show_path(steps: list[str | int]) -> str:
    """`["lines", 2, "item"]` as `lines[2].item`; names that are not ours to repeat become `?`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{show_name(step)}" if text else show_name(step)
    return text


def show_name(name: str) -> str:
    """A field's name as it may be repeated to people: a plain identifier, or `?`.

    An unknown name comes from outside and might itself carry a person's name or number.
    """
    digits = sum(character.isdigit() for character in name)
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain and len(name) <= 40 and digits <= 3 and not name[0].isdigit() else "?"


def require_plain(value: Any, max_depth: int = MAX_DEPTH, max_values: int = MAX_VALUES) -> None:
    """Return nothing if `value` is plain JSON within bounds, else raise `NotPlain`."""
    try:
        _check(value, type(value), max_depth, [max_values])
    except NotPlain as problem:
        problem.steps.reverse()
        raise


def is_bounded(value: Any, finite: bool = False) -> bool:
    """Whether `value` keeps the bounds: depth, number of values, finite numbers.

    The quick part of `require_plain`, for values whose types and texts somebody else looks at.
    `finite`: the numbers are known to be.
    """
    left = MAX_VALUES
    items = [value]
    for _depth in range(MAX_DEPTH + 1):
        if not finite and not all(map(_is_finite, items)):
            return False
        nested = [item for item in items if type(item) in _NESTING]
        if not nested:
            return True
        items = []
        for item in nested:
            items += item.values() if type(item) is dict else item
        left -= len(items)
        if left < 0:
            return False
    return False


def _is_finite(item: Any) -> bool:
    return type(item) is not float or -_INFINITY < item < _INFINITY


def _check(value: Any, kind: type, depth: int, budget: list[int]) -> None:
    if kind not in _CONTAINERS:
        return _check_scalar(value, kind)
    if kind is dict and not _TEXT.issuperset(map(type, value)):
        raise NotPlain("has a field name that is not text")
    budget[0] -= len(value)
    if budget[0] < 0:
        raise NotPlain("holds too many values")
    if depth <= 0:
        raise NotPlain("is nested too deeply")
    step: str | int = 0
    try:
        for step, item in value.items() if kind is dict else enumerate(value):  # noqa: B007
            inner = type(item)
            if inner in _CONTAINERS:
                _check(item, inner, depth - 1, budget)
            elif inner is not str or "\x00" in item or not item.isascii():  # most need no call
                _check_scalar(item, inner)
    except NotPlain as problem:
        problem.steps.append(step)
        raise


def _check_scalar(value: Any, kind: type) -> None:
    if kind is str:
        if "\x00" in value:
            raise NotPlain("contains a NUL character, which cannot be stored")
        if _SURROGATES.search(value):
            raise NotPlain("contains text that is not valid Unicode")
    elif kind is float:
        if not -_INFINITY < value < _INFINITY:
            raise NotPlain("must be a finite number")
    elif kind is int:
        if not _SMALLEST <= value <= _LARGEST:
            raise NotPlain("is a whole number too large to keep")
    elif value is not None and kind is not bool:
        raise NotPlain("is not a JSON value")
