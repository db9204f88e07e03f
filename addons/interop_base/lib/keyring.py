"""The keys of one installation, in use: wrapping data keys, and keyed digests.

A data key is wrapped (AES-256-GCM) under a key that is derived from a *master version* (``k1``,
``k2`` …, one of them current) and, for content, from the *period key* of its retention class and
month as well. Either alone unwraps nothing: destroying a period key makes what was sealed in that
month unreadable wherever a copy of it may lie, and rotation replaces the master version without
touching content.

The id of a wrapping key says both, ``k2/standard/2026-11``; a bare ``k2`` is the master version
alone. Digests are keyed by a root of their own, which rotation does not touch, so that a digest
taken years ago can still be compared. No key is used twice for different things: every use gets
its own subkey (HKDF-SHA256, the purpose in ``info``).
"""

import hmac
import os
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .failures import InteropError

KEY_BYTES = 32
NONCE_BYTES = 12
#: The id under which the root of the digests is registered.
DIGEST_ROOT = "digest_root"

_VERSION = re.compile(r"k[1-9][0-9]{0,5}")
_PERIOD = re.compile(r"[A-Za-z0-9_-]{1,64}/[0-9]{4}-(0[1-9]|1[0-2])")


class KeyringError(InteropError):
    """A key is missing, unreadable or does not fit. Nothing is lost: mend the key and try again."""

    failure_class = "transient"
    default_sentence = "The keyring cannot be used."


class WrappedKeyRefused(KeyringError):
    """A wrapped key was changed, or belongs to another record. No other key will help."""

    failure_class = "internal"
    default_sentence = (
        "A wrapped key does not fit: it was changed, belongs to another record or "
        "installation, or the keyring is not the one it was sealed with."
    )


class KeyDestroyed(KeyringError):
    """The key was destroyed on purpose. No try will help."""

    failure_class = "internal"
    default_sentence = (
        "The key that this was sealed with was destroyed at the end of its retention."
    )


class KeyInUse(KeyringError):
    """A key cannot be destroyed yet: something lives that only it opens."""

    failure_class = "internal"


class Keyring:
    """Immutable but for its caches. Knows no database and no file; never shows a key.

    ``secrets`` and ``periods`` are keys of 32 bytes by version and by ``class/YYYY-MM``;
    ``created`` says when each of both was made, ``destroyed`` when those that are gone were
    destroyed (ISO 8601, UTC).
    """

    __slots__ = (
        "_digest_root",
        "_lock",
        "_macs",
        "_periods",
        "_secrets",
        "_wrappers",
        "created",
        "current",
        "destroyed",
    )

    def __init__(
        self,
        secrets: Mapping[str, bytes],
        current: str,
        digest_root: bytes,
        created: Mapping[str, str] | None = None,
        periods: Mapping[str, bytes] | None = None,
        destroyed: Mapping[str, str] | None = None,
    ) -> None:
        periods = periods or {}
        if current not in secrets:
            raise KeyringError("The keyring names a current key that it does not hold.")
        if any(
            len(key) != KEY_BYTES for key in (*secrets.values(), *periods.values(), digest_root)
        ):
            raise KeyringError("The keyring holds a key of the wrong length.")
        if not all(map(is_version, secrets)) or not all(map(is_period, periods)):
            raise KeyringError("The keyring holds a key under a name that is none.")
        self._secrets = dict(secrets)
        self._periods = dict(periods)
        self._digest_root = digest_root
        self._wrappers: dict[str, AESGCM] = {}
        self._macs: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self.current = current
        self.created: dict[str, str] = dict(created or {})
        self.destroyed: dict[str, str] = dict(destroyed or {})

    def __repr__(self) -> str:
        return f"<Keyring of {len(self._secrets)} keys, current {self.current}>"

    # -- what it holds -------------------------------------------------------------------------

    @property
    def key_ids(self) -> list[str]:
        """The master versions, oldest first."""
        return sorted(self._secrets, key=version_number)

    @property
    def periods(self) -> list[str]:
        """The periods that there are keys of, as ``class/YYYY-MM``."""
        return sorted(self._periods)

    def holds(self, key_id: str) -> bool:
        """Whether it holds a master version or period key of this id."""
        return key_id in self._secrets or key_id in self._periods

    def fingerprints(self) -> dict[str, str]:
        """What tells every key from another under the same id (hex), of no use for finding it."""
        keys = {**self._secrets, **self._periods, DIGEST_ROOT: self._digest_root}
        return {
            key_id: hmac.digest(
                _derive(key, "interop/fingerprint"), key_id.encode(), "sha256"
            ).hex()
            for key_id, key in keys.items()
        }

    # -- use -----------------------------------------------------------------------------------

    def wrap(self, data_key: bytes, aad: bytes, period: str | None = None) -> tuple[str, bytes]:
        """Wrap a data key with the current version: ``(key id, nonce + ciphertext)``.

        ``period`` (``class/YYYY-MM``) is for content; what outlives every period, a secret, is
        wrapped by the master version alone.
        """
        key_id = self.current if period is None else f"{self.current}/{period}"
        wrapper = self._wrappers.get(key_id) or self._wrapper(key_id)
        nonce = os.urandom(NONCE_BYTES)
        return key_id, nonce + wrapper.encrypt(nonce, data_key, aad)

    def unwrap(self, key_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """The data key again. ``aad`` must be what it was wrapped with.

        Raises :class:`KeyDestroyed`, :class:`WrappedKeyRefused`, or :class:`KeyringError` if the
        key is not in the keyring.
        """
        wrapper = self._wrappers.get(key_id) or self._wrapper(key_id)
        try:
            return wrapper.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        except (InvalidTag, ValueError):
            raise WrappedKeyRefused() from None

    def mac(self, purpose: str, data: bytes) -> str:
        """Keyed digest of ``data`` (HMAC-SHA256, hex). Other purposes give other digests."""
        subkey = self._macs.get(purpose)
        if subkey is None:
            subkey = _derive(self._digest_root, f"interop/mac/{purpose}")
            with self._lock:
                self._macs[purpose] = subkey
        return hmac.digest(subkey, data, "sha256").hex()

    def signer(self, purpose: str, version: str | None = None) -> Ed25519PrivateKey:
        """The signing key (Ed25519) of a master version, the current one unless named.

        Rotating the keyring gives another one. Raises :class:`KeyringError` if the keyring does
        not hold that version (any more).
        """
        secret = self._secrets.get(version or self.current)
        if secret is None:
            raise KeyringError("The keyring does not hold the version that this was signed with.")
        return Ed25519PrivateKey.from_private_bytes(_derive(secret, f"interop/sign/{purpose}"))

    def _wrapper(self, key_id: str) -> AESGCM:
        version, _slash, period = key_id.partition("/")
        secret = self._secrets.get(version)
        if period in self.destroyed or (secret is None and version in self.destroyed):
            raise KeyDestroyed()
        if secret is None:
            raise KeyringError(
                "The keyring does not hold the key that this was sealed with. Put back the "
                "keyring file that has it."
            )
        if not period:
            key = _derive(secret, "interop/wrap")
        elif period in self._periods:
            # Two independent keys, one after the other, are the input of the derivation: whoever
            # lacks one of them learns nothing (NIST SP 800-56C rev. 2, section 2, Z' = Z || T).
            key = _derive(secret + self._periods[period], f"interop/wrap/{period}")
        else:
            raise KeyringError(
                f"The keyring holds no key for the period {period}. Put back the keyring that has "
                "it; for one to come, run `odoo interop_keys extend` where the keyring is kept."
            )
        wrapper = AESGCM(key)
        with self._lock:
            self._wrappers[key_id] = wrapper
        return wrapper


def is_version(text: str) -> bool:
    """Whether this names a master version: ``k`` and a number.

    >>> [is_version(text) for text in ("k1", "k12", "k0", "k01", "1", "k1/standard/2026-11")]
    [True, True, False, False, False, False]
    """
    return bool(_VERSION.fullmatch(text))


def version_number(version: str) -> int:
    """
    >>> sorted(["k10", "k9"], key=version_number)
    ['k9', 'k10']
    """
    return int(version[1:])


def is_period(text: str) -> bool:
    """Whether this names a period: a retention class, a slash, and a month.

    >>> [is_period(text) for text in ("standard/2026-11", "standard/2026-13", "a/b/2026-01")]
    [True, False, False]
    """
    return bool(_PERIOD.fullmatch(text))


def period_of(retention_class: str, month: str) -> str:
    """The id of a period's key. Raises :class:`KeyringError` if there can be no such period.

    >>> period_of("standard", "2026-11")
    'standard/2026-11'
    """
    period = f"{retention_class}/{month}"
    if not is_period(period):
        raise KeyringError(
            "A period is a retention class (letters, digits, - and _) and a month as YYYY-MM."
        )
    return period


def month_of(moment: datetime) -> str:
    """The month (UTC) that something sealed at this moment belongs to.

    >>> month_of(datetime(2026, 12, 1, tzinfo=UTC))
    '2026-12'
    """
    return f"{moment.astimezone(UTC):%Y-%m}"


def _derive(secret: bytes, info: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info.encode()).derive(secret)
