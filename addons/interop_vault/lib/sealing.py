"""Sealing: compress, encrypt under a fresh data key, wrap that key with the keyring.

The associated data says where the bytes belong (instance, uuid, kind, generation). It is part of
both encryptions, so bytes moved to another row, another installation or another generation do
not open. It does not name the keyring's key, so keys can be rewrapped without touching content.
Content's data keys are wrapped under the key of its retention class and month, too: when that is
destroyed, the content is gone wherever a copy of it may lie.
"""

import hmac
import io
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import GCM

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_base.lib.keyring import KeyDestroyed, Keyring, WrappedKeyRefused

FORMAT = 1
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BITS = 256
#: Fast and good enough: level 1 halves a JSON document at a third of the cost of level 6.
LEVEL = 1
#: Larger content is worked through in pieces of this size, so that the clear and the sealed bytes
#: are the only two copies of it. The bytes that come out are the same.
PIECE = 1024 * 1024

_HEAD = ("interop-vault", str(FORMAT))


class VaultError(InteropError):
    """Content cannot be opened. ``reason`` is one of missing, shredded, tampered."""

    failure_class = "internal"
    default_sentence = "The sealed content cannot be opened."

    def __init__(self, sentence: str | None = None, reason: str = "tampered") -> None:
        super().__init__(sentence)
        self.reason = reason


def _with_length(part: str) -> bytes:
    data = part.encode()
    return len(data).to_bytes(4, "big") + data


@lru_cache(maxsize=64)
def _measured(*parts: str) -> bytes:
    """As above, for the few parts that come again and again."""
    return b"".join(map(_with_length, parts))


@dataclass(frozen=True, slots=True)
class Place:
    """Where sealed bytes belong. They open nowhere else."""

    instance: str
    uuid: str
    kind: str
    generation: int

    def associated_data(self) -> bytes:
        """Every part with its length before it, so that no two places give the same bytes."""
        return b"%b%b%b%b" % (
            _measured(*_HEAD, self.instance),
            _with_length(self.uuid),
            _measured(self.kind),
            _measured(str(self.generation)),
        )


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored. ``digest`` is keyed and over the clear bytes; ``size`` is theirs."""

    key_id: str
    wrapped_key: bytes
    sealed: bytes
    digest: str
    size: int


def seal(keyring: Keyring, place: Place, data: bytes, period: str | None = None) -> Sealed:
    """Seal ``data`` so that it opens at ``place`` only, and while the period's key exists.

    ``period`` is ``class/YYYY-MM``; None for what has no end, a secret.
    """
    aad = place.associated_data()
    data_key = AESGCM.generate_key(KEY_BITS)
    nonce = os.urandom(NONCE_BYTES)
    if len(data) <= PIECE:
        sealed = nonce + AESGCM(data_key).encrypt(nonce, zlib.compress(data, LEVEL), aad)
    else:
        sealed = _seal_in_pieces(data_key, nonce, data, aad)
    key_id, wrapped_key = keyring.wrap(data_key, aad, period)
    return Sealed(key_id, wrapped_key, sealed, digest(keyring, data), len(data))


def unseal(
    keyring: Keyring, place: Place, content: Sealed, pieces: Iterable[bytes] | None = None
) -> bytes:
    """The clear bytes. ``pieces`` are the sealed bytes if they are not in ``content``.

    Raises KeyringError (the keyring lacks the key: other content is in the same case, so stop) or
    :class:`VaultError` (this content is gone or was changed; it says nothing about others).
    """
    aad = place.associated_data()
    try:
        data_key = keyring.unwrap(content.key_id, content.wrapped_key, aad)
    except KeyDestroyed as gone:
        raise VaultError(gone.sentence, reason="shredded") from None
    except WrappedKeyRefused as refused:
        raise VaultError(refused.sentence) from None
    try:
        if pieces is None and len(content.sealed) <= PIECE:
            packed = AESGCM(data_key).decrypt(
                content.sealed[:NONCE_BYTES], content.sealed[NONCE_BYTES:], aad
            )
            data = _decompress(packed, content.size)
        else:
            if pieces is None:
                pieces = [bytes(piece) for piece in _pieces(content.sealed)]
            data = _decompress_in_pieces(_open_in_pieces(data_key, pieces, aad), content.size)
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


# -- in pieces: BytesIO hands its buffer out as bytes without copying it ---------------------------


def _seal_in_pieces(data_key: bytes, nonce: bytes, data: bytes, aad: bytes) -> bytes:
    encryptor = Cipher(AES256(data_key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    compressor = zlib.compressobj(LEVEL)
    sealed = io.BytesIO()
    sealed.write(nonce)
    for piece in _pieces(data):
        sealed.write(encryptor.update(compressor.compress(piece)))
    sealed.write(encryptor.update(compressor.flush()))
    sealed.write(encryptor.finalize())
    sealed.write(encryptor.tag)
    return sealed.getvalue()


def _open_in_pieces(data_key: bytes, pieces: Iterable[bytes], aad: bytes) -> bytes:
    """What was encrypted. Nothing of it is looked at before all of it is known to be genuine."""
    rest = iter(pieces)
    held = next(rest, b"")
    decryptor = Cipher(AES256(data_key), GCM(held[:NONCE_BYTES])).decryptor()
    decryptor.authenticate_additional_data(aad)
    held = held[NONCE_BYTES:]
    packed = io.BytesIO()
    for piece in rest:
        held += piece
        packed.write(decryptor.update(held[:-TAG_BYTES]))
        held = held[-TAG_BYTES:]
    packed.write(decryptor.update(held[:-TAG_BYTES]))
    packed.write(decryptor.finalize_with_tag(held[-TAG_BYTES:]))
    return packed.getvalue()


def _decompress_in_pieces(packed: bytes, size: int) -> bytes:
    """As :func:`_decompress`: one byte more than the recorded size is refused."""
    inflater = zlib.decompressobj()
    data = io.BytesIO()
    for piece in _pieces(packed):
        fed: bytes | memoryview = piece
        while fed and not inflater.eof and data.tell() <= size:
            data.write(inflater.decompress(fed, PIECE))
            fed = inflater.unconsumed_tail
    while not inflater.eof and data.tell() <= size:
        block = inflater.decompress(b"", PIECE)
        if not block:
            break
        data.write(block)
    if data.tell() != size or not inflater.eof:
        raise ValueError("size")
    return data.getvalue()


def _pieces(data: bytes) -> Iterator[memoryview]:
    view = memoryview(data)
    for start in range(0, len(view), PIECE):
        yield view[start : start + PIECE]
