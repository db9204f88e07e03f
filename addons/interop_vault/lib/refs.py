"""What goes into the vault, and what comes back as a reference."""

from dataclasses import dataclass, field


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
