"""Whose certificate a partner shows, and until when: for people who look at a probe."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from odoo.addons.interop_connector.lib.transport import TransportError

from . import wire


@dataclass(frozen=True, slots=True)
class Seen:
    """What may be told of a certificate. `days`: until it ends, if that is known."""

    told: str
    days: int | None = None


def seen_of(secured: ssl.SSLSocket) -> Seen:
    """The certificate at the other end of a connection."""
    data = secured.getpeercert(binary_form=True)
    if not data:
        return Seen("no certificate")
    try:
        certificate = x509.load_der_x509_certificate(data)
        ends = certificate.not_valid_after_utc
        days = (ends - datetime.now(UTC)).days
        word = "valid until" if days >= 0 else "ended on"
        told = f"{_name(certificate.subject)}, by {_name(certificate.issuer)}"
        return Seen(f"{told}, {word} {ends:%Y-%m-%d}", days)
    except ValueError:
        return Seen("a certificate that cannot be read")


def unchecked(host: str, port: int) -> Seen | None:
    """The certificate that nobody vouches for. Nothing is sent on this connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with wire.connect(host, port) as sock:
            with context.wrap_socket(sock, server_hostname=host) as secured:
                return seen_of(secured)
    except (OSError, TransportError):
        return None


def _name(name: x509.Name) -> str:
    """The common name, else the whole: cut, as the other side chooses it."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[0].value) if common else name.rfc4514_string()
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return plain[:60] or "nobody"
