"""Who may vouch for a partner's server, as PEM."""

from __future__ import annotations

from cryptography import x509

#: A bundle of everybody's authorities is some hundred KB: one partner's has a few certificates.
MAX_BYTES = 64 * 1024


def authorities_problem(text: str) -> str | None:
    """A sentence if `text` is neither empty nor certificates."""
    if not text.strip():
        return None
    if len(text) > MAX_BYTES:
        return f"The authorities are longer than {MAX_BYTES // 1024} KB: give only the partner's."
    if "PRIVATE KEY" in text:
        return (
            "There is a private key among the authorities. It has become known to those who see "
            "this connector: have it replaced. Paste the certificates alone."
        )
    try:
        x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return (
            "The authorities have to be certificates as PEM: texts that begin with "
            "-----BEGIN CERTIFICATE-----."
        )
    return None
