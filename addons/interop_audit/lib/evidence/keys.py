"""Public keys as people have them: hex, base64, or PEM, in a file or given as such."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

_HEX = re.compile(r"[0-9a-fA-F]{64}")


def read(given: str) -> list[str]:
    """The raw public keys (hex) in a file of this name, or in the words themselves.

    A file holds one key as PEM, or one in a line; what follows a ``#`` is a remark. Raises
    ValueError if there is no key in it.
    """
    path = Path(given)
    text = given
    if not _HEX.fullmatch(given) and path.is_file():
        text = path.read_text()
    if "-----BEGIN" in text:
        key = load_pem_public_key(text.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(f"{given} is no Ed25519 key.")
        return [key.public_bytes_raw().hex()]
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    keys = [_key(line) for line in lines if line]
    if not keys:
        raise ValueError(f"There is no key in {given}.")
    return keys


def _key(text: str) -> str:
    if _HEX.fullmatch(text):
        return text.lower()
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != 32:
        raise ValueError(f"{text[:20]} is neither a file nor a public key.")
    return raw.hex()
