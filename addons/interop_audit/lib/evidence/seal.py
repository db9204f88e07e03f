"""Seals: what is signed about a run of entries, and how.

A *statement* says which entries a seal covers, their Merkle root, and what was sealed before: the
digest of the statement before it (a chain), and the Merkle root over all statements before it
(the *log*), by which two seals are shown to belong to one history without all between them. It is
JSON in one fixed form, signed with Ed25519 (RFC 8032). Its digest is its leaf in the log.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .merkle import HASH_BYTES

FORMAT: Final = "interop-audit-seal/1"
#: What is signed begins with it, so that a signature is never one of something else.
CONTEXT: Final[bytes] = b"interop-audit-seal/1\x00"
ID_BYTES: Final = 8

_HASH = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


class BadStatement(ValueError):
    """The text is no statement of a seal."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a seal says. Hashes and keys are lower-case hexadecimal.

    A *range* holds the committed entries with ``low`` ≤ txid < ``high`` whose id is greater than
    ``after``, in the order of (txid, id). A *bridge* holds those with ``low`` < id ≤ ``high`` that
    no earlier seal holds, in the order of id: what was there when an epoch began.
    """

    instance: str
    epoch: int
    after: int
    number: int
    kind: Literal["range", "bridge"]
    low: str
    high: str
    count: int
    first: int
    last: int
    total: int
    root: str
    previous: str
    log: str
    sealed_at: str
    key: str
    format: str = FORMAT

    def text(self) -> str:
        """Canonical JSON: sorted keys, no spaces, ASCII."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @classmethod
    def parse(cls, text: str) -> Statement:
        """Raises `BadStatement` unless `text` is exactly what `text()` makes of a statement."""
        try:
            data = json.loads(text)
        except ValueError:
            raise BadStatement("the statement is not JSON") from None
        if not isinstance(data, dict) or data.keys() != {field.name for field in fields(cls)}:
            raise BadStatement("the statement has other parts than a seal's")
        problem = _problem(data)
        if problem:
            raise BadStatement(problem)
        statement = cls(**data)
        if statement.text() != text:
            raise BadStatement("the statement is not in its canonical form")
        return statement


def digest(text: str) -> bytes:
    """The digest of a statement, which is also its leaf in the log."""
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def sign(key: Ed25519PrivateKey, text: str) -> bytes:
    return key.sign(CONTEXT + text.encode())


def verify(public: str, text: str, signature: bytes) -> bool:
    """Whether the owner of the public key (hex) signed this statement."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            signature, CONTEXT + text.encode()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def pack_leaves(ids: Sequence[int], hashes: Sequence[bytes]) -> bytes:
    """Per entry 8 bytes of its id (big endian) and the 32 bytes of its leaf."""
    return b"".join(
        number.to_bytes(ID_BYTES, "big") + leaf for number, leaf in zip(ids, hashes, strict=True)
    )


def unpack_leaves(data: bytes) -> tuple[list[int], list[bytes]]:
    """Raises ValueError if these are not the bytes of leaves."""
    size = ID_BYTES + HASH_BYTES
    if len(data) % size:
        raise ValueError("the leaves of a seal are cut off")
    starts = range(0, len(data), size)
    ids = [int.from_bytes(data[at : at + ID_BYTES], "big") for at in starts]
    return ids, [data[at + ID_BYTES : at + size] for at in starts]


def _problem(data: dict[str, Any]) -> str | None:
    numbers = ("epoch", "after", "number", "count", "first", "last", "total")
    if data["format"] != FORMAT:
        return "the statement has another format"
    if any(type(data[name]) is not int or data[name] < 0 for name in numbers):
        return "a number in the statement is none"
    if data["kind"] not in ("range", "bridge"):
        return "the statement is neither of a range nor of a bridge"
    texts = ("instance", "low", "high", "root", "previous", "log", "sealed_at", "key")
    if any(type(data[name]) is not str for name in texts):
        return "a text in the statement is none"
    if any(not _HASH.fullmatch(data[name]) for name in ("root", "log", "key")):
        return "a hash in the statement is none"
    if data["previous"] and not _HASH.fullmatch(data["previous"]):
        return "a hash in the statement is none"
    if any(not _NUMBER.fullmatch(data[name]) for name in ("low", "high")):
        return "a bound in the statement is no number"
    if not _MOMENT.fullmatch(data["sealed_at"]):
        return "the time in the statement is none"
    return None
