"""From a connector's published facts to the endpoint a transport gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from odoo.addons.interop_base.lib.failures import InternalError

from .keys import webhook_key
from .transport import Auth, Endpoint


def build_endpoint(
    snapshot: Mapping[str, Any], purpose: str, reveal: Callable[[str], str]
) -> Endpoint:
    """The first endpoint with `purpose` in the facts of `interop.connector._technical_snapshot`.

    `reveal` gives the text of the secret with a uuid; it is asked only for what the snapshot names.
    """
    facts = next((e for e in snapshot["endpoints"] if e["purpose"] == purpose), None)
    if facts is None:
        raise InternalError(
            f"Connector {snapshot['code']} has no endpoint for “{purpose}”. "
            "Add one and publish the flow again."
        )
    auth = snapshot.get("auth")
    signing = snapshot.get("signing")
    return Endpoint(
        code=f"{snapshot['code']}/{purpose}",
        url=facts["url"],
        method=facts["method"],
        environment=snapshot["environment"],
        timeout_connect=float(facts["timeout_connect"]),
        timeout_total=float(facts["timeout_total"]),
        idempotent=bool(facts["idempotent"]),
        auth=auth and Auth(auth["kind"], reveal(auth["secret"]), auth["header"]),
        signing_key=signing and _signing_key(snapshot["code"], reveal(signing["secret"])),
        max_response_bytes=int(facts["max_response_bytes"]),
    )


def _signing_key(code: str, text: str) -> bytes:
    try:
        return webhook_key(text)
    except ValueError as error:
        sentence = f"The signing secret of connector {code} cannot be used. {error}"
    raise InternalError(sentence)
