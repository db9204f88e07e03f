"""What a keyring's file holds, how it is written down, and how it changes.

Format 2::

    {"format": 2, "current": "k2", "digest_root": "<base64, 32 bytes>",
     "keys": {"k1": {"created": "2026-01-31T12:00:00Z", "secret": "<base64, 32 bytes>"}, "k2": …},
     "periods": {"standard/2026-11": {"created": …, "secret": …}, …},
     "destroyed": {"standard/2025-10": "2026-11-02T03:00:00Z"}}

Format 1 had neither ``periods`` nor ``destroyed``. It is read as it is, and becomes format 2 when
the file is written the next time.
"""

import base64
import binascii
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .keyring import KEY_BYTES, Keyring, KeyringError, version_number

FORMAT = 2
_READABLE = (1, FORMAT)


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Its text form does not show it."""

    secret: bytes = field(repr=False)
    created: str = ""

    @classmethod
    def fresh(cls) -> "Key":
        return cls(os.urandom(KEY_BYTES), now())


@dataclass(slots=True)
class Contents:
    """Keys by their ids. ``destroyed`` keeps the names of those that are gone, for ever: a period's
    key is never made a second time, and a restored database learns what is not to be missed."""

    current: str
    digest_root: bytes = field(repr=False)
    versions: dict[str, Key]
    periods: dict[str, Key] = field(default_factory=dict)
    destroyed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> "Contents":
        return cls("k1", os.urandom(KEY_BYTES), {"k1": Key.fresh()})

    def keyring(self) -> Keyring:
        """For use. Raises :class:`KeyringError` if this is no sound keyring."""
        keys = {**self.versions, **self.periods}
        return Keyring(
            {name: key.secret for name, key in self.versions.items()},
            self.current,
            self.digest_root,
            {name: key.created for name, key in keys.items()},
            {name: key.secret for name, key in self.periods.items()},
            self.destroyed,
        )

    # -- changes -------------------------------------------------------------------------------

    def add_version(self) -> str:
        """A new master version; it is not current yet."""
        numbers = [version_number(name) for name in (*self.versions, *self._retired())]
        name = f"k{max(numbers) + 1}"
        self.versions[name] = Key.fresh()
        return name

    @property
    def newest(self) -> str:
        return max(self.versions, key=version_number)

    def add_period(self, period: str) -> None:
        if period in self.destroyed:
            raise KeyringError(
                f"The key of {period} was destroyed. Nothing can be sealed for that period again."
            )
        self.periods.setdefault(period, Key.fresh())

    def destroy(self, key_id: str) -> None:
        """Forget a key that is not current; its name stays."""
        self.versions.pop(key_id, None)
        self.periods.pop(key_id, None)
        self.destroyed.setdefault(key_id, now())

    def _retired(self) -> list[str]:
        return [name for name in self.destroyed if "/" not in name]

    # -- text ----------------------------------------------------------------------------------

    def to_text(self) -> str:
        data = {
            "format": FORMAT,
            "current": self.current,
            "digest_root": encoded(self.digest_root),
            "keys": _written(self.versions),
            "periods": _written(self.periods),
            "destroyed": dict(sorted(self.destroyed.items())),
        }
        return json.dumps(data, indent=2) + "\n"

    @classmethod
    def from_text(cls, text: str) -> "Contents":
        """Raises :class:`KeyringError`, which never says what was in the text."""
        try:
            data = json.loads(text)
            if data["format"] not in _READABLE:
                raise KeyringError("The keyring file has a format that this version does not know.")
            contents = cls(
                current=data["current"],
                digest_root=decoded(data["digest_root"]),
                versions=_read(data["keys"]),
                periods=_read(data.get("periods", {})),
                destroyed={str(k): str(v) for k, v in data.get("destroyed", {}).items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise KeyringError(
                "The keyring file is damaged. Put back the copy you keep in a safe place."
            ) from None
        contents.keyring()  # which looks at lengths and names
        return contents


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def encoded(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _written(keys: dict[str, Key]) -> dict[str, Any]:
    return {
        name: {"created": key.created, "secret": encoded(key.secret)} for name, key in keys.items()
    }


def _read(keys: dict[str, Any]) -> dict[str, Key]:
    return {
        name: Key(decoded(key["secret"]), str(key.get("created", ""))) for name, key in keys.items()
    }
