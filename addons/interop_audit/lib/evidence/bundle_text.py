"""The bytes of an evidence bundle: its canonical form, its digest and its signature."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORMAT: Final = "interop-evidence-bundle/1"
#: What is signed begins with it, so that a signature is never one of something else.
CONTEXT: Final[bytes] = b"interop-evidence-bundle/1\x00"

#: Under this name it lies in the archive that people download.
FILE: Final = "evidence.json"
#: Larger ones are refused before they are read.
MOST_BYTES: Final = 256 * 1024 * 1024

Values = Mapping[str, Any]


def canonical(value: Any) -> bytes:
    """Sorted names, no spaces, ASCII: one text for one value."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def digest(data: bytes) -> str:
    """SHA-256 of a bundle's bytes in hexadecimal, as ``sha256sum`` shows it."""
    return hashlib.sha256(data).hexdigest()


def signed_part(bundle: Values) -> bytes:
    """What a bundle's signature is made over."""
    return CONTEXT + canonical({name: bundle[name] for name in bundle if name != "signature"})


def sign(key: Ed25519PrivateKey, bundle: Values) -> dict[str, Any]:
    """The bundle with the key's public half and the signature in it."""
    unsigned = {**bundle, "key": key.public_key().public_bytes_raw().hex()}
    return {**unsigned, "signature": key.sign(signed_part(unsigned)).hex()}


def text_digest(text: str) -> str:
    """The digest of a published version: SHA-256 of its text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def part_digest(value: Any) -> str:
    """The digest of a part of a version: SHA-256 of its canonical text, here not in ASCII."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text_digest(text)


def unpacked(data: bytes) -> bytes:
    """The bundle's bytes from a file: the JSON itself, or the archive that it is downloaded in.

    Raises ValueError if there is no bundle in the archive.
    """
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(FILE).file_size > MOST_BYTES:
                raise ValueError("the bundle in the archive is too large")
            return archive.read(FILE)
    except (KeyError, zipfile.BadZipFile):
        raise ValueError("there is no bundle in the archive") from None
