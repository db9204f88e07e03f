"""What stands before the content of a request: checked, because it carries secrets."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from odoo.addons.interop_connector.lib.transport import Auth, Endpoint, Outgoing, TransportError

from .webhook import StandardWebhook

USER_AGENT = "Interop/1.0"
_METHODS = frozenset({"POST", "PUT", "PATCH", "GET", "DELETE", "OPTIONS"})


def headers_of(
    endpoint: Endpoint, method: str, outgoing: Outgoing, auth: Auth | None
) -> dict[str, str]:
    problem = url_problem(endpoint.url)
    if problem:
        raise TransportError(problem, kind="policy")
    if method not in _METHODS and method != "HEAD":
        raise TransportError("The endpoint's HTTP method is not known.", kind="internal")
    headers = {
        **endpoint.headers,
        **outgoing.headers,
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
    }
    if method not in ("HEAD", "OPTIONS"):
        headers["Content-Type"] = outgoing.content_type
        headers["Idempotency-Key"] = outgoing.key
    if auth is not None:
        name, value = _credentials(auth)
        headers[name] = value
    # Two while the key is being changed: the partner accepts whichever it knows.
    keys = [key for key in (endpoint.signing_key, endpoint.previous_signing_key) if key is not None]
    if keys:
        headers.update(StandardWebhook(keys).sign(outgoing.key, time.time(), outgoing.payload))
    _check_headers(headers)
    return headers


@lru_cache(maxsize=256)
def url_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "The address cannot be read."
    if parts.scheme not in ("http", "https"):
        return "The address must begin with http:// or https://."
    if "@" in parts.netloc:
        return (
            "The address holds a user name or password. Addresses end up in logs: keep the "
            "credentials in a secret and choose it at the connector."
        )
    if not parts.hostname or port == 0:
        return "The address names no host."
    if parts.fragment or "\\" in url or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        return "The address holds characters that do not belong there."
    return None


def _credentials(auth: Auth) -> tuple[str, str]:
    if auth.kind == "bearer":
        return "Authorization", f"Bearer {auth.secret}"
    if auth.kind == "basic":
        return "Authorization", "Basic " + base64.b64encode(auth.secret.encode()).decode()
    if auth.kind == "api_key":
        return auth.header or "X-API-Key", auth.secret
    raise TransportError(
        "The connector's secret is of a kind that cannot be sent over HTTP.", kind="internal"
    )


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what a header cannot carry, naming the header and never what stands in it."""
    for name, value in headers.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise TransportError("A header's name is not valid.", kind="internal")
        if not (value.isascii() and value.isprintable()) or value != value.strip():
            raise TransportError(
                f"The header {name} would hold characters that HTTP does not allow there. "
                "Check the connector's secret for blanks, line ends and accents.",
                kind="internal",
            )
