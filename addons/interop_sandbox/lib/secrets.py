"""The secrets that the demo world and the simulated partner share: made once, kept in a file."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SharedSecrets:
    """`bearer` and `signing` authenticate Odoo to the partner, `callback` the partner to Odoo.
    The two signing keys have the text form of Standard Webhooks: ``whsec_`` and base64."""

    bearer: str = field(repr=False)
    signing: str = field(repr=False)
    callback: str = field(repr=False)

    @classmethod
    def invent(cls) -> SharedSecrets:
        return cls(secrets.token_urlsafe(32), _signing_key(), _signing_key())

    @classmethod
    def keep(cls, path: Path) -> SharedSecrets:
        """Read the file, or make it (readable by its owner only) with new secrets."""
        try:
            return cls.load(path)
        except FileNotFoundError:
            invented = cls.invent()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # somebody made it meanwhile
            return cls.load(path)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(invented), file, indent=2)
        return invented

    @classmethod
    def load(cls, path: Path) -> SharedSecrets:
        try:
            content = json.loads(path.read_text())
            return cls(**{name.name: str(content[name.name]) for name in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path} is not a file of sandbox secrets; remove it to get new ones"
            raise ValueError(message) from error


def key_bytes(text: str) -> bytes:
    """The key behind its text form."""
    return base64.b64decode(text.removeprefix("whsec_"), validate=True)


def _signing_key() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
