"""What turns documents into the bytes of a wire format and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_base.lib.registry import Registry
from odoo.addons.interop_document.lib.document import Document

from .control_numbers import NumberRule


@dataclass(frozen=True, slots=True)
class Envelope:
    """Facts about an interchange that are not in its documents: control numbers, parties, ids."""

    facts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    """By kind: the payload's own number, or that of its first document. The same on each try."""
    rules: Mapping[str, NumberRule] = field(default_factory=dict, repr=False)

    def number(self, kind: str, position: int = 0) -> int:
        """The number of `kind`; for kinds per document that of the document at `position`.

        Raises KeyError for a kind that the codec did not name in `numbers`.
        """
        return self.rules[kind].after(self.numbers[kind], position)

    def number_text(self, kind: str, position: int = 0) -> str:
        """As `number`, in the digits of the standard: ``000000042``."""
        return self.rules[kind].text(self.number(kind, position))


@dataclass(frozen=True, slots=True)
class Decoded:
    """One document out of a payload, with the envelope facts that held where it stood."""

    document_body: dict[str, Any] = field(repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)
    """`sender`, `receiver` and, by kind, `number:interchange` are understood by the engine: it
    notices by them what is missing and what came twice. The rest is the codec's own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the document at `position` (from 0) of an interchange.

    Made by us for the documents that a partner sent (`Codec.acknowledge`), or read from a
    partner's reply to those that we sent (`Codec.verdicts`). `sentence` never quotes a value.
    """

    position: int
    accepted: bool
    failure_class: str = ""
    sentence: str = ""


class CodecError(DataError):
    """The bytes are not what the format promises. Says where and why, never what stood there.

    `facts` are the envelope's as far as it could be read: enough to refuse the whole to its sender.
    """

    def __init__(self, where: str, why: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{where}: {why}" if where else why)
        self.where = where
        self.why = why
        self.facts: Mapping[str, str] = facts or {}


class Codec(Protocol):
    """May have two attributes more. `numbers`: the kinds of control numbers that it writes, as
    ``("interchange", "group")``; without it no payload is numbered. `number_rules`: by kind, where
    its standard has other numbers than the kind itself (``lib/control_numbers.py``).
    """

    code: str
    label: str
    content_type: str

    def encode(self, documents: Sequence[Document], envelope: Envelope) -> bytes:
        """Return the same bytes for the same documents and envelope, always."""

    def decode(self, payload: BinaryIO | bytes) -> Iterator[Decoded]:
        """Yield the documents of a payload, or raise :class:`CodecError`."""

    @property
    def acknowledges(self) -> bool:
        """Whether `acknowledge` can return something. If not, nobody reads an envelope for it."""

    def acknowledge(self, envelope: Envelope, verdicts: Sequence[Verdict]) -> bytes | None:
        """Return the format's technical acknowledgement, None if this interchange needs none.

        Asked once for an inbound interchange, when something has become of each of its documents.
        `envelope` has the facts of the first document, or of the :class:`CodecError`; there is one
        verdict per document, in their order, and one for a payload that could not be decoded.
        """

    def verdicts(self, reply: bytes, count: int) -> list[Verdict] | None:
        """Read what a partner's reply says about single documents of a payload that held `count`.

        None if it says nothing about them. A document that is not mentioned shares the fate of the
        whole. Raises :class:`CodecError` for a reply that contradicts itself or cannot be meant for
        this payload. What the partner gives as a reason may hold values: it stays in the reply.
        """


CODECS: Registry[Codec] = Registry("codec")
