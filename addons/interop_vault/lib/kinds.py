"""What a secret can be. A kind says what is entered, checks that, and makes the text to seal.

The sealed text holds everything that belongs together, also what is no secret: the address that a
client secret is sent to, the user name of a password. So nobody can keep a secret that they cannot
read and have it sent to another address. Reasons for a refusal are sentences without any value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Protocol

from odoo.addons.interop_base.lib.registry import Registry


class SecretProblem(ValueError):
    """What was entered cannot be such a secret. The text is a sentence that is safe to show."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person typed. Which of it counts depends on the kind; never shown by `repr`."""

    value: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    login: str = ""
    token_url: str = ""
    client_id: str = ""
    token_auth: str = "basic"


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be shown of a secret. `fingerprint` is of the public part only."""

    subject: str = ""
    issuer: str = ""
    key_type: str = ""
    fingerprint: str = ""
    expires_on: date | None = None


class SecretKind(Protocol):
    """`inputs`: names in :class:`Entered` that make a new value. `bound`: names of what is shown
    beside the value and sealed with it. `written_as` tells what a referenced text has to look like.
    """

    @property
    def code(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def inputs(self) -> frozenset[str]: ...
    @property
    def bound(self) -> frozenset[str]: ...
    @property
    def written_as(self) -> str: ...

    def compose(self, entered: Entered) -> str:
        """The text to seal; raises :class:`SecretProblem`."""

    def check(self, text: str, now: datetime) -> Facts:
        """Whether `text` can be used, and what may be shown of it; raises SecretProblem."""


KINDS: Registry[SecretKind] = Registry("kind of secret")


@dataclass(frozen=True)
class PlainKind:
    """One line of text that goes into a header or signs as it is."""

    code: str
    label: str
    ascii_only: bool = True

    inputs: ClassVar[frozenset[str]] = frozenset({"value"})
    bound: ClassVar[frozenset[str]] = frozenset()
    written_as: ClassVar[str] = "the value alone, on one line"

    def compose(self, entered: Entered) -> str:
        return entered.value

    def check(self, text: str, now: datetime) -> Facts:
        one_line(text)
        if self.ascii_only and not text.isascii():
            raise SecretProblem(
                "The value holds characters that cannot be sent. Check that all of it was copied "
                "as it is."
            )
        return Facts()


class BasicKind:
    """User name and password (RFC 7617): the name holds no colon, the password may."""

    code = "basic"
    label = "User name and password"
    inputs = frozenset({"value"})
    bound = frozenset({"login"})
    written_as = "user:password, on one line"

    def compose(self, entered: Entered) -> str:
        if not entered.login:
            return entered.value  # user:password
        if ":" in entered.login:
            raise SecretProblem("A user name cannot hold a colon.")
        return f"{entered.login}:{entered.value}"

    def check(self, text: str, now: datetime) -> Facts:
        one_line(text)
        login, colon, _password = text.partition(":")
        if not login or not colon:
            raise SecretProblem("Enter a user name and a password.")
        return Facts()


def one_line(text: str) -> None:
    """Refuse what was pasted with more than it."""
    if not text:
        raise SecretProblem("Enter a value.")
    if text != text.strip():
        raise SecretProblem("The value begins or ends with a space. Paste it again without it.")
    if not text.isprintable():
        raise SecretProblem("The value holds a line end or a control character. Paste it again.")


_KINDS: tuple[SecretKind, ...] = (
    PlainKind("bearer", "Bearer token"),
    PlainKind("api_key", "API key"),
    PlainKind("hmac", "Signing key (HMAC)", ascii_only=False),
    BasicKind(),
)
for _kind in _KINDS:
    KINDS.register(_kind.code, _kind)
