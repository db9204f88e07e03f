"""TLS contexts with a client certificate or authorities of the connector's own.

OpenSSL, as Python offers it, reads keys from files only. The file is one in memory that has no name
in any folder (`memfd_create`), and what stands in it is encrypted with a passphrase that exists for
this one call: whoever comes across the file finds no key.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import ssl
import tempfile
import threading
from collections.abc import Iterator

from cryptography.hazmat.primitives import serialization
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from odoo.addons.interop_connector.lib.transport import Endpoint, TransportError
from odoo.addons.interop_vault.lib.key_files import split_pem
from odoo.addons.interop_vault.lib.kinds import SecretProblem

_MAX_CONTEXTS = 32
_contexts: dict[tuple[bytes, bool], ssl.SSLContext] = {}
_lock = threading.Lock()


def context_of(endpoint: Endpoint, verify: bool) -> ssl.SSLContext | None:
    """The context for an endpoint that needs one of its own, None if the usual one will do.

    Made once per certificate and authorities: equal ones share a context, and a new certificate
    gets a new one (and new connections) by itself. Raises TransportError.
    """
    if endpoint.certificate is None and not endpoint.authorities:
        return None
    pem = endpoint.certificate.pem if endpoint.certificate else ""
    digest = hashlib.sha256(f"{len(pem)}:{pem}{endpoint.authorities}".encode()).digest()
    key = (digest, verify)
    with _lock:
        context = _contexts.pop(key, None)
        if context is not None:
            _contexts[key] = context  # the one used last is the last to go
            return context
    context = _make(pem, endpoint.authorities, verify)
    with _lock:
        _contexts[key] = context
        while len(_contexts) > _MAX_CONTEXTS:
            del _contexts[next(iter(_contexts))]
    return context


def _make(pem: str, authorities: str, verify: bool) -> ssl.SSLContext:
    why = ""
    try:
        context = (
            ssl.create_default_context(cadata=authorities)
            if authorities
            else ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
        )
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if pem:
            _load(context, pem)
        return context
    except SecretProblem as problem:
        why = f"Our certificate cannot be used. {problem}"
    except (ssl.SSLError, OSError, ValueError):
        why = "Our certificate or the partner's authorities cannot be used. Enter them again."
    # Outside the handler: the library's error is not for anybody's eyes.
    raise TransportError(why, kind="internal")


def _load(context: ssl.SSLContext, pem: str) -> None:
    chain, key = split_pem(pem)
    passphrase = secrets.token_bytes(32).hex()
    sealed = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    whole = b"".join([*(each.public_bytes(serialization.Encoding.PEM) for each in chain), sealed])
    with _readable(whole) as path:
        context.load_cert_chain(path, password=passphrase)


@contextlib.contextmanager
def _readable(content: bytes) -> Iterator[str]:
    """A path under which `content` can be read for a moment."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("interop", os.MFD_CLOEXEC)
        try:
            _write(fd, content)
            yield f"/proc/self/fd/{fd}"
        finally:
            os.close(fd)
        return
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:  # for its owner alone
        _write(file.fileno(), content)
        yield file.name


def _write(fd: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


#: What a server says in the handshake when it does not want us (RFC 8446 section 6.2). Nothing of a
#: request was carried out then, though with TLS 1.3 it may have left already.
_REFUSALS = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "UNSUPPORTED_CERTIFICATE",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_UNKNOWN",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
)


def refused_us(error: BaseException | None) -> bool:
    """Whether a TLS error is the partner's refusal of our certificate (or of our having none)."""
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLCertVerificationError):
        return False
    reason = error.reason or ""
    return "ALERT" in reason and reason.endswith(_REFUSALS)
