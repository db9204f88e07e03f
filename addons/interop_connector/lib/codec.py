"""What turns documents into the bytes of a wire format and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_base.lib.registry import Registry
from odoo.addons.interop_document.lib.document import Document


@dataclass(frozen=True, slots=True)
class Envelope:
    """Facts about an interchange that are not in its documents: control numbers, parties, ids."""

    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decoded:
    """One document out of a payload, with the envelope facts that held where it stood."""

    document_body: dict[str, Any] = field(repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the document at `position` (from 0) of an interchange."""

    position: int
    accepted: bool
    failure_class: str = ""
    sentence: str = ""


class CodecError(DataError):
    """The bytes are not what the format promises. Says where and why, never what stood there."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}" if where else why)
        self.where = where
        self.why = why


class Codec(Protocol):
    code: str
    label: str
    content_type: str

    def encode(self, documents: Sequence[Document], envelope: Envelope) -> bytes:
        """Return the same bytes for the same documents and envelope, always."""

    def decode(self, payload: BinaryIO | bytes) -> Iterator[Decoded]:
        """Yield the documents of a payload, or raise :class:`CodecError`."""

    def acknowledge(self, envelope: Envelope, verdicts: Sequence[Verdict]) -> bytes | None:
        """Return the format's technical acknowledgement, None if it has none."""


CODECS: Registry[Codec] = Registry("codec")
