"""What goes into the vault, and what comes back as a reference."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sealing:
    """Bytes to seal under a uuid and kind. Their text form never shows the bytes."""

    uuid: str
    kind: str
    data: bytes = field(repr=False)
    retention_class: str = "standard"


@dataclass(frozen=True, slots=True)
class SealedRef:
    """Where it went, and the keyed digest of what was sealed."""

    uuid: str
    kind: str
    generation: int
    digest: str
    clear_size: int


@dataclass(frozen=True, slots=True)
class Keepsake:
    """A value that left as a token and is to come back. Its text form never shows the value."""

    scope: str
    token: str
    clear: Any = field(repr=False)
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class Shredded:
    """One sealed piece that was purged. ``size`` is in sealed bytes, ``period`` is YYYY-MM."""

    uuid: str
    retention_class: str
    period: str
    size: int
