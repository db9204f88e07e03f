"""Keys that live outside the database: one JSON file, several versions, one of them current.

A version wraps data keys (AES-256-GCM). Digests are keyed by a root of their own, which rotation
does not touch, so that a digest taken years ago can still be compared. No key is used twice for
different things: every use gets its own subkey (HKDF-SHA256, the purpose in ``info``).

File format 1::

    {"format": 1, "current": "k1", "digest_root": "<base64, 32 bytes>",
     "keys": {"k1": {"created": "2026-01-31T12:00:00Z", "secret": "<base64, 32 bytes>"}}}
"""

import base64
import binascii
import hmac
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .failures import InteropError

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12


class KeyringError(InteropError):
    """A key is missing, unreadable or does not fit. Nothing is lost: mend the key and try again."""

    failure_class = "transient"
    default_sentence = "The keyring cannot be used."


class Keyring:
    """The keys of one installation. Knows no database; never shows a key."""

    __slots__ = ("_digest_root", "_lock", "_macs", "_secrets", "_wrappers", "created", "current")

    def __init__(
        self,
        secrets: dict[str, bytes],
        current: str,
        digest_root: bytes,
        created: dict[str, str] | None = None,
    ) -> None:
        if current not in secrets:
            raise KeyringError("The keyring names a current key that it does not hold.")
        if any(len(key) != KEY_BYTES for key in (*secrets.values(), digest_root)):
            raise KeyringError("The keyring holds a key of the wrong length.")
        self._secrets = secrets
        self._digest_root = digest_root
        self._wrappers: dict[str, AESGCM] = {}
        self._macs: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self.current = current
        self.created: dict[str, str] = created or {}

    def __repr__(self) -> str:
        return f"<Keyring of {len(self._secrets)} keys, current {self.current}>"

    # -- files ---------------------------------------------------------------------------------

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Keyring":
        """Read a keyring; :class:`KeyringError` says what is wrong, never what it contains."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise KeyringError(
                "The keyring file does not exist. Put the file back, or make a new one with "
                "`odoo interop_keys init` if nothing has been sealed yet."
            ) from None
        except (OSError, UnicodeDecodeError):
            raise KeyringError(
                "The keyring file cannot be read. Check its owner and rights: the user that runs "
                "Odoo needs to read it."
            ) from None
        try:
            return cls._from_json(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise KeyringError(
                "The keyring file is damaged. Put back the copy you keep in a safe place."
            ) from None

    @classmethod
    def _from_json(cls, data: dict[str, Any]) -> "Keyring":
        if data["format"] != FORMAT:
            raise KeyringError("The keyring file has a format that this version does not know.")
        return cls(
            secrets={
                key_id: base64.b64decode(key["secret"], validate=True)
                for key_id, key in data["keys"].items()
            },
            current=data["current"],
            digest_root=base64.b64decode(data["digest_root"], validate=True),
            created={key_id: str(key.get("created", "")) for key_id, key in data["keys"].items()},
        )

    @classmethod  # A file is made, not a record: there is no super().
    def create(  # pylint: disable=method-required-super
        cls, path: str | os.PathLike[str]
    ) -> "Keyring":
        """Make a new keyring file with one key, readable by its owner only. Never overwrites."""
        data = {
            "format": FORMAT,
            "current": "k1",
            "digest_root": _fresh_key(),
            "keys": {
                "k1": {
                    "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "secret": _fresh_key(),
                }
            },
        }
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyringError(
                "There is a file at this place already. It was left as it is: overwriting a "
                "keyring would make everything sealed with it unreadable."
            ) from None
        except OSError as error:
            raise KeyringError(
                f"The keyring file cannot be written: {error.strerror or 'unknown reason'}."
            ) from None
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        return cls._from_json(data)

    # -- use -----------------------------------------------------------------------------------

    @property
    def key_ids(self) -> list[str]:
        return sorted(self._secrets)

    def wrap(self, data_key: bytes, aad: bytes) -> tuple[str, bytes]:
        """Wrap a data key with the current key: ``(key id, nonce + ciphertext)``."""
        nonce = os.urandom(NONCE_BYTES)
        return self.current, nonce + self._wrapper(self.current).encrypt(nonce, data_key, aad)

    def unwrap(self, key_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """The data key again. ``aad`` must be what it was wrapped with."""
        try:
            return self._wrapper(key_id).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        except (InvalidTag, ValueError):
            raise KeyringError(
                "A wrapped key does not fit: it was changed, belongs to another record or "
                "installation, or the keyring is not the one it was sealed with."
            ) from None

    def mac(self, purpose: str, data: bytes) -> str:
        """Keyed digest of ``data`` (HMAC-SHA256, hex). Other purposes give other digests."""
        subkey = self._macs.get(purpose)
        if subkey is None:
            subkey = self._derive(self._digest_root, f"interop/mac/{purpose}")
            with self._lock:
                self._macs[purpose] = subkey
        return hmac.digest(subkey, data, "sha256").hex()

    def _wrapper(self, key_id: str) -> AESGCM:
        wrapper = self._wrappers.get(key_id)
        if wrapper is None:
            secret = self._secrets.get(key_id)
            if secret is None:
                raise KeyringError(
                    "The keyring does not hold the key that this was sealed with. Put back the "
                    "keyring file that has it."
                )
            wrapper = AESGCM(self._derive(secret, "interop/wrap"))
            with self._lock:
                self._wrappers[key_id] = wrapper
        return wrapper

    @staticmethod
    def _derive(secret: bytes, info: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info.encode()).derive(secret)


def _fresh_key() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()
