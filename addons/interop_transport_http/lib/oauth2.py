"""Access tokens by client credentials: RFC 6749 section 4.4."""

from __future__ import annotations

import json
import uuid
from urllib.parse import quote_plus, urlencode

from odoo.addons.interop_connector.lib.tokens import GRANTS, ClientRefused, Grant, TokenOrder
from odoo.addons.interop_connector.lib.transport import (
    Auth,
    Endpoint,
    Outgoing,
    Reply,
    TransportError,
)

from .http import TRANSPORT, HttpTransport

#: A token and what is told about it. Longer answers are not read.
MAX_BYTES = 64 * 1024
#: RFC 6749 section 5.1: a server that does not say how long should have said so elsewhere.
LIFETIME_DEFAULT = 300.0
LIFETIME_MOST = 24 * 3600.0
#: RFC 6749 section 5.2. Only these words are repeated, and nothing else of an answer.
_ERRORS = {
    "invalid_client": "it does not accept the client ID and secret",
    "unauthorized_client": "it does not allow this client to get tokens in this way",
    "invalid_scope": "it does not know or allow the scope",
    "invalid_request": "it finds the request incomplete",
    "invalid_grant": "it does not accept the grant",
    "unsupported_grant_type": "it does not grant tokens for client credentials",
}


def request_token(order: TokenOrder, transport: HttpTransport | None = None) -> Grant:
    """Ask for one token; raises :class:`TransportError` with a sentence that quotes nothing."""
    auth = None
    form = {"grant_type": "client_credentials"}
    if order.scope:
        form["scope"] = order.scope
    if order.audience:
        form["audience"] = order.audience
    if order.token_auth == "post":
        form |= {"client_id": order.client_id, "client_secret": order.client_secret}
    else:
        # RFC 6749 section 2.3.1: each of them form-encoded first.
        auth = Auth("basic", f"{quote_plus(order.client_id)}:{quote_plus(order.client_secret)}")
    endpoint = Endpoint(
        code="token",
        url=order.token_url,
        environment=order.environment,
        timeout_connect=min(5.0, order.seconds),
        timeout_total=order.seconds,
        auth=auth,
        headers={"Accept": "application/json"},
        max_response_bytes=MAX_BYTES,
    )
    outgoing = Outgoing(
        key=str(uuid.uuid4()),
        payload=urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
    )
    failure: TransportError | None = None
    reply: Reply | None = None
    try:
        reply = (transport or TRANSPORT).send(endpoint, outgoing)
    except TransportError as error:
        failure = _failure(error)
    # Outside the handler, and without the server's answer: it may hold what no log should.
    if failure is not None:
        raise failure
    assert reply is not None
    return _grant(reply)


def _failure(error: TransportError) -> TransportError:
    status = error.status
    if status is None or error.failure_class in ("transient", "throttled", "uncertain"):
        # Whatever became of this request, the message itself has not left.
        kind = "transient" if error.failure_class == "uncertain" else error.failure_class
        sentence = f"No access token could be got. {error.sentence}"
        if error.failure_class == "uncertain":
            sentence = "The token server did not answer as it should. The message was not sent."
        return TransportError(sentence, kind=kind, retry_after=error.retry_after)
    word = _error_word(error.reply)
    why = _ERRORS.get(word, f"it answered {status}")
    sentence = (
        f"The token server refused to grant a token: {why}. Check the secret that the connector "
        "uses for its credentials."
    )
    if word == "invalid_client" or (status == 401 and not word):
        return ClientRefused(sentence, kind="partner", status=status)
    return TransportError(sentence, kind="partner", status=status)


def _error_word(reply: Reply | None) -> str:
    data = _json(reply.body) if reply is not None else None
    word = data.get("error") if isinstance(data, dict) else None
    return word if isinstance(word, str) and word in _ERRORS else ""


def _grant(reply: Reply) -> Grant:
    data = None if reply.truncated else _json(reply.body)
    if not isinstance(data, dict):
        raise _no_grant("is no JSON object, or too long")
    token, kind, seconds = (
        data.get("access_token"),
        data.get("token_type"),
        data.get("expires_in", LIFETIME_DEFAULT),
    )
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise _no_grant("holds no access token")
    if " " in token:
        raise _no_grant("holds no access token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _no_grant("holds a token of a type that we do not know")
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 10:
        seconds = int(seconds)  # some servers write it so
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise _no_grant("says nothing we understand about how long the token is valid")
    return Grant(token, min(float(seconds), LIFETIME_MOST))


def _no_grant(why: str) -> TransportError:
    return TransportError(
        f"The token server's answer {why}. Check the address of the token server.", kind="partner"
    )


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


GRANTS.register("oauth2", request_token)
