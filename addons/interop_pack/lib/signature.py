"""Packs as signed files: ``.interop-pack``, a JSON object with the pack's text and who signed it.

The signature is Ed25519 (RFC 8032) over the very bytes of the text, with a prefix that no other
signature of the suite has. Who may be trusted is not said by the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from .pack import MAX_BYTES, PackError

FORMAT = "interop.pack.file/1"
_PREFIX = b"interop.pack/1\n"
#: Text within JSON takes up to six bytes for one (\u0000), and the rest is small.
MAX_FILE = 2 * MAX_BYTES
_NAMES = {"format", "pack", "signature"}


class KeyProblem(ValueError):
    """A key that cannot be used. The text never repeats it."""


@dataclass(frozen=True, slots=True)
class PackFile:
    """What a file holds. `key` is the signer's public key as the file names it; empty: unsigned."""

    pack: bytes = field(repr=False)
    key: bytes = b""
    signature: bytes = field(default=b"", repr=False)

    @property
    def signer(self) -> str:
        return fingerprint(self.key) if self.key else ""


def read_file(data: bytes) -> PackFile:
    """What is in the file; nothing of it is trusted yet. Raises `PackError`."""
    if len(data) > MAX_FILE:
        raise PackError([f"the file is larger than {MAX_FILE // 1024} KB"])
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or set(found) - _NAMES:
        raise PackError(["the file does not have the form of .interop-pack"])
    text, signed = found.get("pack"), found.get("signature")
    if not isinstance(text, str):
        raise PackError(["the file holds no pack"])
    if signed is None:
        return PackFile(text.encode())
    if not isinstance(signed, dict) or set(signed) != {"algorithm", "key", "value"}:
        raise PackError(["the signature does not have the form of .interop-pack"])
    if signed["algorithm"] != "ed25519":
        raise PackError(["the signature is of a kind that is not known"])
    key, value = _bytes(signed["key"], 32), _bytes(signed["value"], 64)
    return PackFile(text.encode(), key, value)


def write_file(text: str, private: Ed25519PrivateKey | None = None) -> bytes:
    """The file of a pack's text, signed if there is a key."""
    found: dict[str, object] = {"format": FORMAT, "pack": text}
    if private is not None:
        key = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        found["signature"] = {
            "algorithm": "ed25519",
            "key": base64.b64encode(key).decode(),
            "value": base64.b64encode(private.sign(_PREFIX + text.encode())).decode(),
        }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def is_signed_by(file: PackFile, key: bytes) -> bool:
    """Whether the owner of `key` (32 bytes) signed the pack in the file."""
    if not file.signature or len(key) != 32:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(file.signature, _PREFIX + file.pack)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_public_key(text: str) -> bytes:
    """32 bytes, from PEM or base64. Raises `KeyProblem`."""
    text = text.strip()
    try:
        found = (
            load_pem_public_key(text.encode())
            if text.startswith("-----BEGIN PUBLIC KEY-----")
            else Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
        )
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise KeyProblem("An Ed25519 public key is needed: PEM, or 32 bytes as base64.")
    return found.public_bytes(Encoding.Raw, PublicFormat.Raw)


def read_private_key(data: bytes) -> Ed25519PrivateKey:
    """From PEM without a password. Raises `KeyProblem`."""
    try:
        found = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise KeyProblem("The file with the key must be an Ed25519 private key in PEM.")
    return found


def fingerprint(key: bytes) -> str:
    """SHA-256 of the key in groups of four, for comparing by telephone."""
    digits = hashlib.sha256(key).hexdigest()[:40].upper()
    return " ".join(digits[place : place + 4] for place in range(0, 40, 4))


def _bytes(text: object, length: int) -> bytes:
    try:
        found = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != length:
        raise PackError(["the signature does not have the form of .interop-pack"])
    return found
