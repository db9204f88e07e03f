"""Tokens: keyed digests in place of values, so that a partner can match them but not read them.

A token is an HMAC scoped to one partner and one purpose. Two partners, or one partner's two
purposes, get different tokens for the same value, so what they hold cannot be joined. Nothing can
be computed back from a token; those that must come back are kept by the caller (`Screened.tokens`).
Digits are cut from the same digest: this is no format-preserving encryption.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import digest
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError

from .context import Context
from .mask import as_text, hide

MARK = "tok_"
# Five bits of each byte as a letter of base 32 (RFC 4648, section 6), in small letters.
_LETTERS = bytes(b"abcdefghijklmnopqrstuvwxyz234567"[byte & 31] for byte in range(256))
_LENGTH = 24  # 120 bits
SHORTEST, LONGEST, DEFAULT_LENGTH = 10, 18, 16
# So often another digest is tried when a short original happens to occur in the token.
_TURNS = tuple(f"{turn:02}:" for turn in range(64))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a token looks like: its code, what people read, and the making from a digest."""

    code: str
    label: str
    make: Callable[[bytes, int], str]


def _letters(raw: bytes, length: int) -> str:
    return MARK + raw[:_LENGTH].translate(_LETTERS).decode("ascii")


def _digits(raw: bytes, length: int) -> str:
    """`length` digits, the first of which is not 0, so that no system drops it."""
    least: int = 10 ** (length - 1)
    return str(least + int.from_bytes(raw[:24]) % (9 * least))


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


def scope_key(kind: str, context: Context) -> bytes:
    """The key for all tokens (or digests) for one partner and purpose. Raises `PolicyError`.

    One call of `Context.mac` for a whole document: from there on each value costs a microsecond.
    """
    if context.mac is None:
        raise PolicyError("Tokens and digests need the keyring, which was not given.")
    scope = context.partner.encode("utf-8", "surrogatepass")
    return context.mac(f"{kind}/{context.purpose}", scope)


def tokenise(value: Any, key: bytes, shape: Shape, length: int) -> str | int:
    """The token of `value` under a scope's key. A whole number gets a number if it is digits."""
    text = value if type(value) is str else as_text(value)
    for turn in _TURNS:
        data = (turn + text).encode("utf-8", "surrogatepass")
        token = shape.make(digest(key, data, "sha256"), length)
        if text not in token or not text:
            return int(token) if shape.code == "digits" and type(value) is int else token
    return hide(text)


def keyed_hash(value: Any, key: bytes) -> str:
    """64 hexadecimal digits from which nothing can be told without the key."""
    text = as_text(value)
    for turn in _TURNS:
        shown = digest(key, (turn + text).encode("utf-8", "surrogatepass"), "sha256").hex()
        if text not in shown or not text:
            return shown
    return hide(text)
