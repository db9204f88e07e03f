"""Encrypting a value for its recipient: JWE in compact form (RFC 7516).

The content is the value as JSON under AES-256-GCM; its key goes to the recipient's public key by
RSA-OAEP-256, or ECDH-ES+A256KW for elliptic curves (RFC 7518, sections 4.3 and 4.6). Each call
gives another text, as it must.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeyParameters, OKPKey, RSAKey

from odoo.addons.interop_base.lib.failures import PolicyError

ENCRYPTION = "A256GCM"
LEAST_RSA_BITS = 2048
_CURVES = frozenset({"P-256", "P-384", "P-521"})
_NO_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

Encrypt = Callable[[Any], str]


def read_key(text: str) -> dict[str, Any]:
    """A recipient's public key from its JWK text (RFC 7517). Raises `PolicyError`."""
    try:
        key = json.loads(text)
    except ValueError:
        key = None
    if not isinstance(key, dict):
        raise PolicyError("The recipient's key is no JSON Web Key: paste its public key as JSON.")
    recipient(key)
    return key


def recipient(key: Mapping[str, Any]) -> Encrypt:
    """A function that encrypts values for the owner of the public `key`. Raises `PolicyError`."""
    if _NO_PRIVATE.intersection(key):
        raise PolicyError("The recipient's key must be the public one: this holds private parts.")
    if key.get("use", "enc") != "enc":
        raise PolicyError("The recipient's key is not meant for encryption (use: enc).")
    try:
        imported, algorithm = _import(key)
    except (JoseError, ValueError, TypeError, KeyError):
        imported = None
    # Outside the handler: a library's words may quote what it read.
    if imported is None:
        raise PolicyError(
            "The recipient's key cannot be used. Needed is an RSA key of 2,048 bits or more, or a "
            "key on curve P-256, P-384, P-521 or X25519."
        )
    header: KeyParameters | dict[str, Any] = {"alg": algorithm, "enc": ENCRYPTION}
    if isinstance(key.get("kid"), str):
        header["kid"] = key["kid"]
    allowed = [algorithm, ENCRYPTION]
    public = imported

    def encrypt(value: Any) -> str:
        content = json.dumps(value, ensure_ascii=True).encode("ascii")
        return jwe.encrypt_compact(dict(header), content, public, algorithms=allowed)

    return encrypt


def _import(key: Mapping[str, Any]) -> tuple[RSAKey | ECKey | OKPKey | None, str]:
    match key.get("kty"):
        # Counted by its letters before the library sees it, which would warn of a short one.
        case "RSA" if len(key["n"]) * 6 >= LEAST_RSA_BITS:
            rsa = RSAKey.import_key(dict(key))
            big = rsa.public_key.key_size >= LEAST_RSA_BITS
            return (rsa if big else None), "RSA-OAEP-256"
        case "EC" if key.get("crv") in _CURVES:
            return ECKey.import_key(dict(key)), "ECDH-ES+A256KW"
        case "OKP" if key.get("crv") == "X25519":
            return OKPKey.import_key(dict(key)), "ECDH-ES+A256KW"
    return None, ""
