"""Certificates with their keys (PEM) and SSH keys: read, checked, and written in one clear form."""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import suppress
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import NameOID

from .kinds import KINDS, Entered, Facts, SecretProblem

_MIN_RSA_BITS = 2048
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*?-----END (?:[A-Z]+ )*PRIVATE KEY-----", re.DOTALL
)
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class CertificateKind:
    """A client certificate for mutual TLS: the certificate, those that vouch for it, and its key.

    The order is that of a TLS certificate list (RFC 8446 section 4.4.2): our own first.
    """

    code = "mtls"
    label = "Certificate and key (mTLS)"
    inputs = frozenset({"certificate", "private_key", "passphrase"})
    bound: frozenset[str] = frozenset()
    written_as = "PEM: the certificate, its intermediates, and the private key without passphrase"

    def compose(self, entered: Entered) -> str:
        # Some authorities hand out all in one file, which is pasted into either field.
        pasted = f"{entered.certificate}\n{entered.private_key}"
        chain = _CERTIFICATE.findall(pasted)
        if not chain:
            raise SecretProblem(
                "Paste the certificate: a text that begins with -----BEGIN CERTIFICATE-----."
            )
        return "\n".join([*chain, _plain_key(pasted, entered.passphrase)]) + "\n"

    def check(self, text: str, now: datetime) -> Facts:
        chain, key = split_pem(text)
        own = chain[0]
        if own.public_key() != key.public_key():
            raise SecretProblem(
                "The private key does not belong to the certificate. Paste the key that the "
                "certificate was requested with, and its certificate before the others."
            )
        _check_strength(key)
        if own.not_valid_after_utc <= now:
            raise SecretProblem("The certificate has expired. Ask for a new one.")
        if own.not_valid_before_utc > now:
            raise SecretProblem("The certificate is not valid yet.")
        return Facts(
            subject=_shown(own.subject),
            issuer=_shown(own.issuer),
            key_type=_key_type(key),
            fingerprint=own.fingerprint(hashes.SHA256()).hex(":").upper(),
            expires_on=own.not_valid_after_utc.astimezone(UTC).date(),
        )


class SshKind:
    """A private key for SSH, as OpenSSH or as PEM writes it."""

    code = "ssh"
    label = "SSH key"
    inputs = frozenset({"private_key", "passphrase"})
    bound: frozenset[str] = frozenset()
    written_as = "the private key as OpenSSH or PEM writes it, without passphrase"

    def compose(self, entered: Entered) -> str:
        key = _load_key(entered.private_key, entered.passphrase)
        _check_strength(key)
        text = ""
        with suppress(*_UNREADABLE):
            text = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            ).decode()
        if not text:
            raise SecretProblem("SSH knows no keys of this kind. Use Ed25519, ECDSA or RSA.")
        return text

    def check(self, text: str, now: datetime) -> Facts:
        key = _load_key(text, "")
        _check_strength(key)
        line = b""
        with suppress(*_UNREADABLE):
            line = key.public_key().public_bytes(
                serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
            )
        if not line:
            raise SecretProblem("SSH knows no keys of this kind. Use Ed25519, ECDSA or RSA.")
        name, blob = line.split(b" ")[:2]
        digest = hashlib.sha256(base64.b64decode(blob)).digest()
        # As `ssh-keygen -l` shows it.
        shown = base64.b64encode(digest).decode().rstrip("=")
        return Facts(key_type=name.decode(), fingerprint=f"SHA256:{shown}")


def split_pem(text: str) -> tuple[list[x509.Certificate], PrivateKeyTypes]:
    """The certificates, our own first, and the clear key of a sealed `mtls` text."""
    chain: list[x509.Certificate] = []
    with suppress(*_UNREADABLE):
        chain = x509.load_pem_x509_certificates("\n".join(_CERTIFICATE.findall(text)).encode())
    if not chain:
        raise SecretProblem("The certificate cannot be read. Paste it again as PEM.")
    return chain, _load_key(text, "")


def _plain_key(text: str, passphrase: str) -> str:
    key = _load_key(text, passphrase)
    return (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
        .strip()
    )


def _load_key(text: str, passphrase: str) -> PrivateKeyTypes:
    found = _PRIVATE_KEY.findall(text)
    if len(found) != 1:
        raise SecretProblem(
            "Paste one private key: a text that begins with -----BEGIN … PRIVATE KEY-----."
        )
    data, given = (found[0] + "\n").encode(), passphrase.encode() or None
    is_openssh = "BEGIN OPENSSH" in found[0]
    load = serialization.load_ssh_private_key if is_openssh else serialization.load_pem_private_key
    key: PrivateKeyTypes | None = None
    why = ""
    try:
        key = load(data, given)
    except TypeError:
        # The library's way to say that a passphrase is missing, or was given for a clear key.
        why = (
            "The private key needs no passphrase. Leave it empty."
            if given
            else "The private key is protected. Enter its passphrase."
        )
    except (ValueError, UnsupportedAlgorithm):
        why = (
            "The private key cannot be opened. Check the passphrase, and that all of the key was "
            "pasted."
            if given
            else "The private key cannot be read. Paste all of it."
        )
    # Outside the handler: what the library raises is not for anybody's eyes.
    if key is None:
        raise SecretProblem(why)
    return key


def _check_strength(key: PrivateKeyTypes) -> None:
    """NIST SP 800-131A rev. 2, section 3: RSA from 2,048 bits, no DSA."""
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < _MIN_RSA_BITS:
            raise SecretProblem(
                f"The RSA key has {key.key_size} bits, which is too weak: {_MIN_RSA_BITS} or more."
            )
    elif not isinstance(
        key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
    ):
        raise SecretProblem("Keys of this kind are not safe. Use Ed25519, ECDSA or RSA.")


def _key_type(key: PrivateKeyTypes) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return f"ECDSA {key.curve.name}"
    return "Ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "Ed448"


def _shown(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    organisation = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    parts = [str(part.value) for part in (*common[:1], *organisation[:1])]
    return ", ".join(parts) or name.rfc4514_string() or "(no name)"


for _kind in (CertificateKind(), SshKind()):
    KINDS.register(_kind.code, _kind)
