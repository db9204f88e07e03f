"""The text form of a webhook key, as Standard Webhooks writes it: `whsec_` and base64."""

from __future__ import annotations

import base64
import binascii
import secrets

PREFIX = "whsec_"
# Standard Webhooks 1.0.0, "Signature scheme": between 24 and 64 bytes. Longer ones do no harm.
_MIN_BYTES, _MAX_BYTES = 24, 512


def webhook_key(text: str) -> bytes:
    """The bytes of a key written as `whsec_…`; raises `ValueError` with a sentence safe to show."""
    text = text.strip()
    if not text.startswith(PREFIX):
        raise ValueError(f"A webhook key begins with {PREFIX}.")
    try:
        key = base64.b64decode(text[len(PREFIX) :].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        key = None
    # Outside the handler: the original exception holds the text and must not travel along.
    if key is None:
        raise ValueError(f"What follows {PREFIX} in a webhook key must be base64.")
    if not _MIN_BYTES <= len(key) <= _MAX_BYTES:
        raise ValueError(f"A webhook key has {_MIN_BYTES} to {_MAX_BYTES} bytes.")
    return key


def new_webhook_key() -> str:
    """A fresh key of 32 random bytes in its text form."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
