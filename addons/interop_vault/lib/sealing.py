"""Sealing: compress, encrypt under a fresh data key, wrap that key with the keyring.

The associated data says where the bytes belong (instance, uuid, kind, generation). It is part of
both encryptions, so bytes moved to another row, another installation or another generation do
not open. It does not name the keyring's key, so keys can be rewrapped without touching content.
"""

import hmac
import os
import zlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_base.lib.keyring import Keyring

FORMAT = 1
NONCE_BYTES = 12
KEY_BITS = 256
#: Fast and good enough: level 1 halves a JSON document at a third of the cost of level 6.
LEVEL = 1


class VaultError(InteropError):
    """Content cannot be opened. ``reason`` is one of missing, shredded, tampered."""

    failure_class = "internal"
    default_sentence = "The sealed content cannot be opened."

    def __init__(self, sentence: str | None = None, reason: str = "tampered") -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where sealed bytes belong. They open nowhere else."""

    instance: str
    uuid: str
    kind: str
    generation: int

    def associated_data(self) -> bytes:
        """Every part with its length before it, so that no two places give the same bytes."""
        parts = (
            b"interop-vault",
            str(FORMAT).encode(),
            self.instance.encode(),
            self.uuid.encode(),
            self.kind.encode(),
            str(self.generation).encode(),
        )
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored. ``digest`` is keyed and over the clear bytes; ``size`` is theirs."""

    key_id: str
    wrapped_key: bytes
    sealed: bytes
    digest: str
    size: int


def seal(keyring: Keyring, place: Place, data: bytes) -> Sealed:
    """Seal ``data`` so that it opens at ``place`` only."""
    aad = place.associated_data()
    data_key = AESGCM.generate_key(KEY_BITS)
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + AESGCM(data_key).encrypt(nonce, zlib.compress(data, LEVEL), aad)
    key_id, wrapped_key = keyring.wrap(data_key, aad)
    return Sealed(key_id, wrapped_key, sealed, digest(keyring, data), len(data))


def unseal(keyring: Keyring, place: Place, content: Sealed) -> bytes:
    """The clear bytes. Raises KeyringError (key missing or not fitting) or :class:`VaultError`."""
    aad = place.associated_data()
    data_key = keyring.unwrap(content.key_id, content.wrapped_key, aad)
    try:
        packed = AESGCM(data_key).decrypt(
            content.sealed[:NONCE_BYTES], content.sealed[NONCE_BYTES:], aad
        )
        data = _decompress(packed, content.size)
    except (InvalidTag, ValueError, zlib.error):
        raise VaultError(
            "The sealed content was changed or belongs to another record. It was not used."
        ) from None
    if not hmac.compare_digest(digest(keyring, data), content.digest):
        raise VaultError("The sealed content does not match its digest. It was not used.")
    return data


def digest(keyring: Keyring, data: bytes) -> str:
    """Keyed digest of clear bytes: equal for equal content, of no use for guessing it."""
    return keyring.mac("content", data)


def _decompress(packed: bytes, size: int) -> bytes:
    """Never more than the recorded size, whatever the bytes claim."""
    inflater = zlib.decompressobj()
    data = inflater.decompress(packed, size + 1)
    if len(data) != size or not inflater.eof and inflater.decompress(b"", 1):
        raise ValueError("size")
    return data
