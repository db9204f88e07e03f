"""Tokens: keyed digests in place of values, so that a partner can match them but not read them.

A token is an HMAC scoped to one partner and one purpose. Two partners, or one partner's two
purposes, get different tokens for the same value, so what they hold cannot be joined. Nothing can
be computed back from a token; those that must come back are kept by the caller (`Screened.tokens`).
Digits are cut from the same digest: this is no format-preserving encryption.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError

from .context import Context
from .mask import as_text, hide

MARK = "tok_"
# Base 32 of RFC 4648 in small letters, two at a time: half the time of the standard library's.
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]
_TEXT_BYTES = 15  # 120 bits, 24 letters without padding
_SHIFTS = tuple(range(110, -1, -10))
SHORTEST, LONGEST, DEFAULT_LENGTH = 10, 18, 16
# So often another digest is tried when a short original happens to occur in the token.
_TURNS = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """What a token looks like: its code, what people read, and the making from a digest."""

    code: str
    label: str
    make: Callable[[bytes, int], str]


def _letters(digest: bytes, length: int) -> str:
    bits = int.from_bytes(digest[:_TEXT_BYTES])
    return MARK + "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


def _digits(digest: bytes, length: int) -> str:
    """`length` digits, the first of which is not 0, so that no system drops it."""
    least: int = 10 ** (length - 1)
    return str(least + int.from_bytes(digest[:24]) % (9 * least))


SHAPES = {
    shape.code: shape
    for shape in (
        Shape("letters", "Letters, beginning with tok_", _letters),
        Shape("digits", "Digits only", _digits),
    )
}


def length_of(parameter: str | None) -> int:
    """The length of a token of digits as a rule states it. Raises `ValueError`."""
    if not parameter:
        return DEFAULT_LENGTH
    length = int(parameter) if parameter.isascii() and parameter.isdigit() else 0
    if not SHORTEST <= length <= LONGEST:
        raise ValueError(f"a token has {SHORTEST} to {LONGEST} digits")
    return length


def tokenise(value: Any, context: Context, shape: Shape, length: int) -> str | int:
    """The token of `value`. A whole number gets a number if the shape is digits."""
    text = as_text(value)
    for turn in range(_TURNS):
        token = shape.make(_digest("token/", text, context, turn), length)
        if text not in token or not text:
            return int(token) if shape.code == "digits" and type(value) is int else token
    return hide(text)


def keyed_hash(value: Any, context: Context) -> str:
    """64 hexadecimal digits from which nothing can be told without the key."""
    text = as_text(value)
    for turn in range(_TURNS):
        shown = _digest("hash/", text, context, turn).hex()
        if text not in shown or not text:
            return shown
    return hide(text)


def _digest(kind: str, text: str, context: Context, turn: int) -> bytes:
    if context.mac is None:
        raise PolicyError("Tokens and digests need the keyring, which was not given.")
    data = f"{context.scope}{turn}:{text}".encode("utf-8", "surrogatepass")
    return context.mac(kind + context.purpose, data)
