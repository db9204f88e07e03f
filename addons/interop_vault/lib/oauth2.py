"""OAuth 2.0 client credentials (RFC 6749 section 4.4): what we show a token server."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from .kinds import KINDS, Entered, Facts, SecretProblem, one_line

#: How the client shows who it is (RFC 6749 section 2.3.1). `basic` is what every server must know.
TOKEN_AUTHS = {"basic": "In the header (basic)", "post": "In the form (post)"}


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    token_auth: str = "basic"

    @classmethod
    def from_text(cls, text: str) -> ClientCredentials:
        """Of the sealed text, or of what a reference leads to; raises SecretProblem."""
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise SecretProblem(
                "Client credentials have to be a JSON object with token_url, client_id and "
                "client_secret."
            )
        names = ("token_url", "client_id", "client_secret", "token_auth")
        values = {name: data.get(name, "basic" if name == "token_auth" else "") for name in names}
        if not all(isinstance(value, str) for value in values.values()):
            raise SecretProblem("Everything in client credentials has to be text.")
        return cls(**values)

    def text(self) -> str:
        return json.dumps(
            {
                "token_url": self.token_url,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "token_auth": self.token_auth,
            }
        )


class OAuth2Kind:
    code = "oauth2"
    label = "OAuth 2.0 client credentials"
    inputs = frozenset({"value"})
    bound = frozenset({"token_url", "client_id", "token_auth"})
    written_as = "a JSON object with token_url, client_id and client_secret (token_auth if “post”)"

    def compose(self, entered: Entered) -> str:
        return ClientCredentials(
            entered.token_url, entered.client_id, entered.value, entered.token_auth
        ).text()

    def check(self, text: str, now: datetime) -> Facts:
        credentials = ClientCredentials.from_text(text)
        if not credentials.client_id:
            raise SecretProblem("Enter the client ID that the partner gave you.")
        one_line(credentials.client_id)
        one_line(credentials.client_secret)
        if credentials.token_auth not in TOKEN_AUTHS:
            raise SecretProblem("The way the client shows who it is has to be basic or post.")
        if not credentials.token_url:
            raise SecretProblem("Enter the address of the token server.")
        _check_token_url(credentials.token_url)
        return Facts()


def _check_token_url(url: str) -> None:
    """RFC 6749 section 3.2: TLS, and no fragment. Only this very machine may do without TLS."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise SecretProblem("The address of the token server has to begin with https://.")
    if not host or "@" in parts.netloc or parts.fragment or not url.isprintable() or " " in url:
        raise SecretProblem(
            "The address of the token server cannot be used: it needs a host, and may hold no "
            "user name, fragment or blank."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


KINDS.register(OAuth2Kind.code, OAuth2Kind())
