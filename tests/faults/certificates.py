"""Certificates for the tests: an authority, a good one, and some that nobody should trust."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


def make(folder: Path) -> dict[str, Path]:
    """PEM files by name; all but the authority's hold the key as well."""
    authority, other = _Authority("Tests"), _Authority("Somebody else")
    own = _key()
    made = {
        "authority": authority.pem,
        "good": authority.issue("localhost"),
        "expired": authority.issue("localhost", days=-1),
        "wrong_host": authority.issue("elsewhere.example"),
        "of_another": other.issue("localhost"),
        "self_signed": _pem(_certificate("localhost", own, "localhost", own), own),
    }
    paths = {name: folder / f"{name}.pem" for name in made}
    for name, content in made.items():
        paths[name].write_bytes(content)
    return paths


class _Authority:
    def __init__(self, name: str) -> None:
        self._name = name
        self._key = _key()
        self.pem = _pem(_certificate(name, self._key, name, self._key, authority=True))

    def issue(self, host: str, days: int = 30) -> bytes:
        own = _key()
        return _pem(_certificate(host, own, self._name, self._key, days=days), own)


def _key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _certificate(
    name: str, key: Key, issuer: str, signer: Key, days: int = 30, authority: bool = False
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate, key: Key | None = None) -> bytes:
    content = certificate.public_bytes(serialization.Encoding.PEM)
    if key is not None:
        content += key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    return content
