"""Standard Webhooks 1.0.0, the symmetric scheme `v1`: sign and verify the raw bytes of a delivery.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

# Visible ASCII without the full stop, which separates the parts of what is signed.
_ID = re.compile(r"[!-\-/-~]{1,255}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
# Comparing is cheap, yet a header must not be able to ask for thousands of comparisons.
_MAX_SIGNATURES = 16


class SignatureRefused(Exception):
    """`reason` is one of: missing, malformed, mismatch, stale, future."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StandardWebhook:
    """Signs with every secret it has and accepts any of them: so a secret is changed without a gap.

    Give the old and the new secret to both sides, then take the old one away.
    """

    def __init__(self, secrets: Iterable[bytes], tolerance: float = 300) -> None:
        self._secrets = tuple(secrets)
        self.tolerance = tolerance

    def sign(self, msg_id: str, timestamp: float, body: bytes) -> dict[str, str]:
        """The three headers for `body`; `timestamp` is in seconds since 1970."""
        if not self._secrets:
            raise ValueError("There is no secret to sign with.")
        if not _ID.fullmatch(msg_id):
            raise ValueError("A webhook id is 1 to 255 visible ASCII characters without full stop.")
        seconds = str(int(timestamp))
        signatures = [
            "v1," + base64.b64encode(self._mac(secret, msg_id, seconds, body)).decode()
            for secret in self._secrets
        ]
        return {
            ID_HEADER: msg_id,
            TIMESTAMP_HEADER: seconds,
            SIGNATURE_HEADER: " ".join(signatures),
        }

    def verify(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """The id of a delivery that one of the secrets signed at about `now`.

        Whether the timestamp is in bounds is only told to who could sign it.
        """
        msg_id, seconds, signatures = self.parts(headers)
        # No early exit: the time taken tells neither which secret nor which signature fitted.
        matches = 0
        for secret in self._secrets:
            expected = self._mac(secret, msg_id, seconds, body)
            for signature in signatures:
                matches += hmac.compare_digest(expected, signature)
        if not matches:
            raise SignatureRefused("mismatch")
        age = now - int(seconds)
        if age > self.tolerance:
            raise SignatureRefused("stale")
        if age < -self.tolerance:
            raise SignatureRefused("future")
        return msg_id

    @staticmethod
    def parts(headers: Mapping[str, str]) -> tuple[str, str, list[bytes]]:
        """Id, timestamp and `v1` signatures; refuses what cannot be a signed delivery at all.

        Needs no body, so a caller can refuse before it reads one.
        """
        found = {name.lower(): value for name, value in headers.items()}
        try:
            msg_id = found[ID_HEADER]
            seconds = found[TIMESTAMP_HEADER]
            signature_text = found[SIGNATURE_HEADER]
        except KeyError:
            raise SignatureRefused("missing") from None
        if not _ID.fullmatch(msg_id) or not _TIMESTAMP.fullmatch(seconds):
            raise SignatureRefused("malformed")
        parts = signature_text.split(" ")
        if len(parts) > _MAX_SIGNATURES:
            raise SignatureRefused("malformed")
        # Other versions (`v1a` is asymmetric) may stand beside ours and are none of our business.
        signatures = [
            decoded
            for part in parts
            if part.startswith("v1,") and (decoded := _decoded(part[3:])) is not None
        ]
        if not signatures:
            raise SignatureRefused("malformed")
        return msg_id, seconds, signatures

    @staticmethod
    def _mac(secret: bytes, msg_id: str, seconds: str, body: bytes) -> bytes:
        mac = hmac.new(secret, f"{msg_id}.{seconds}.".encode("ascii"), hashlib.sha256)
        mac.update(body)
        return mac.digest()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
