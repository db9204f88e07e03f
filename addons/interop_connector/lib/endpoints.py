"""From a connector's published facts to the endpoint a transport gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from odoo.addons.interop_base.lib.failures import InternalError

from .keys import webhook_key
from .transport import Auth, ClientCertificate, Credentials, Endpoint

#: Kinds of secrets for each use. What is not among them is not used, whatever was published.
AUTH_KINDS = frozenset({"bearer", "basic", "api_key", "oauth2"})
SIGNING_KIND = "hmac"
CERTIFICATE_KIND = "mtls"


class Vault(Protocol):
    """What opens the secrets that published facts name. Asked only for those.

    A secret that is of another kind than it was published for is not opened.
    """

    def reveal(self, uuid: str, kind: str) -> Sequence[str]:
        """All values that are valid now, the present one first."""

    def credentials(self, uuid: str, kind: str, environment: str) -> Credentials | None:
        """Set if what is shown may change in use: tokens, or two values at once."""


def build_endpoint(snapshot: Mapping[str, Any], purpose: str, vault: Vault) -> Endpoint:
    """The first endpoint with `purpose` in the facts of `interop.connector._technical_snapshot`."""
    facts = next((e for e in snapshot["endpoints"] if e["purpose"] == purpose), None)
    if facts is None:
        raise InternalError(
            f"Connector {snapshot['code']} has no endpoint for “{purpose}”. "
            "Add one and publish the flow again."
        )
    signing = snapshot.get("signing")
    keys = _signing_keys(snapshot["code"], vault, signing["secret"]) if signing else [None]
    certificate = snapshot.get("certificate")
    return Endpoint(
        code=f"{snapshot['code']}/{purpose}",
        url=facts["url"],
        method=facts["method"],
        environment=snapshot["environment"],
        timeout_connect=float(facts["timeout_connect"]),
        timeout_total=float(facts["timeout_total"]),
        idempotent=bool(facts["idempotent"]),
        auth=_auth(snapshot, vault),
        signing_key=keys[0],
        previous_signing_key=keys[1] if len(keys) > 1 else None,
        certificate=ClientCertificate(vault.reveal(certificate["secret"], CERTIFICATE_KIND)[0])
        if certificate
        else None,
        authorities=snapshot.get("authorities") or "",
        max_response_bytes=int(facts["max_response_bytes"]),
    )


def _auth(snapshot: Mapping[str, Any], vault: Vault) -> Auth | None:
    auth = snapshot.get("auth")
    if not auth:
        return None
    kind, uuid = auth["kind"], auth["secret"]
    if kind not in AUTH_KINDS:
        raise InternalError(
            f"The credentials of connector {snapshot['code']} are of a kind that shows nobody who "
            "we are. Choose others and publish the flow again."
        )
    credentials = vault.credentials(uuid, kind, snapshot["environment"])
    # An access token is shown as RFC 6750 section 2.1 says.
    shown_as = "bearer" if kind == "oauth2" else kind
    if credentials is not None:
        return Auth(shown_as, "", auth["header"], credentials)
    return Auth(shown_as, vault.reveal(uuid, kind)[0], auth["header"])


def _signing_keys(code: str, vault: Vault, uuid: str) -> list[bytes | None]:
    sentence = ""
    try:
        return [webhook_key(text) for text in vault.reveal(uuid, SIGNING_KIND)]
    except ValueError as error:
        sentence = f"The signing secret of connector {code} cannot be used. {error}"
    # Outside the handler: the original exception has seen the key.
    raise InternalError(sentence)
