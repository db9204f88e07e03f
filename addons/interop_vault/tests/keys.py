"""Keys and certificates that are made for a test, and never anywhere else."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def pem(key, passphrase=None, form=serialization.PrivateFormat.PKCS8):
    how = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, form, how).decode()


def certificate(key, name="interop.hospital.example", begin=-1, end=90, signer=None, ca=False):
    """A certificate for ``key`` as PEM, valid from ``begin`` to ``end`` days from now.

    ``signer`` is (key, name) of who vouches for it; without one it vouches for itself.
    """
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = subject if signer is None else _name(signer[1])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=begin))
        .not_valid_after(now + timedelta(days=end))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(signer[0] if signer else key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _name(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
