"""An anchor: all of one seal as one line of text, for a place outside the database.

The line is canonical JSON (sorted keys, no spaces, ASCII only) with these keys:

``format``
    ``interop-audit-anchor/1``
``statement``
    the text that was signed, see `seal.py`
``signature``
    in hexadecimal digits: Ed25519 over the prefix of `seal.py` and the statement
``endorsement``
    the same by the key before, where the key was changed; else empty

So a line can be verified alone, and, because a statement holds the root over all statements before
it, one line binds everything that was sealed until then.
"""

import json
from dataclasses import dataclass
from typing import Final

from . import seal

FORMAT: Final = "interop-audit-anchor/1"
KEYS: Final = frozenset({"format", "statement", "signature", "endorsement"})


@dataclass(frozen=True, slots=True)
class Anchored:
    """What stands in one line. ``endorsement`` is empty where the key was not changed."""

    statement: str
    signature: bytes
    endorsement: bytes = b""

    @property
    def facts(self) -> seal.Statement:
        """The statement's fields; raises ValueError if it is not one."""
        return seal.Statement.parse(self.statement)

    def is_signed_by(self, public_hex: str) -> bool:
        """Whether the statement names this key and was signed with it."""
        try:
            named = self.facts.key
        except ValueError:
            return False
        return named == public_hex and seal.verify(public_hex, self.statement, self.signature)


def line(statement: str, signature: bytes, endorsement: bytes | None) -> str:
    """The line of a seal, without an end of line.

    >>> line("{}", b"\\x01\\xff", None)
    '{"endorsement":"","format":"interop-audit-anchor/1","signature":"01ff","statement":"{}"}'
    """
    return json.dumps(
        {
            "format": FORMAT,
            "statement": statement,
            "signature": signature.hex(),
            "endorsement": (endorsement or b"").hex(),
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )


def parse(text: str) -> Anchored:
    """What `line` was given; raises ValueError if ``text`` is anything but such a line.

    >>> parse(line("{}", b"\\x01", b"\\x02"))
    Anchored(statement='{}', signature=b'\\x01', endorsement=b'\\x02')
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("This is not a line of JSON.") from error
    if not isinstance(data, dict) or set(data) != KEYS or data["format"] != FORMAT:
        raise ValueError("This is not an anchor of the audit trail.")
    if not all(isinstance(value, str) for value in data.values()):
        raise ValueError("An anchor holds texts only.")
    found = Anchored(
        statement=data["statement"],
        signature=bytes.fromhex(data["signature"]),
        endorsement=bytes.fromhex(data["endorsement"]),
    )
    if line(found.statement, found.signature, found.endorsement) != text:
        raise ValueError("The anchor is not in canonical form.")
    return found
