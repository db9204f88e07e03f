"""What passes between an inbound edge (an HTTP controller, say) and the queue behind it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InboundRoute:
    """Where a delivery belongs and what it must satisfy before anybody looks inside.

    `secrets` are the keys a signature may be made with (two while a key is being changed).
    `environment` is the connector's, for the fence. `is_open` is False while the connector or the
    flow is paused: a sender who can sign is asked to come back later, anybody else gets the
    answer for an unknown address.
    """

    connector_id: int
    flow_id: int
    connector_code: str
    flow_code: str
    company_id: int | None
    secrets: tuple[bytes, ...] = field(repr=False)
    content_types: tuple[str, ...] = ("application/json",)
    max_bytes: int = 25 * 1024 * 1024
    environment: str = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """The receipt. A repeated delivery gets the receipt of the first one."""

    message_uuid: str
    duplicate: bool = False


class IntakeConflict(Exception):
    """A delivery with a known id but other bytes."""


class IntakeClosed(Exception):
    """Nothing is taken in just now; `retry_after` is seconds."""

    def __init__(self, retry_after: float = 60.0) -> None:
        super().__init__("nothing is taken in just now")
        self.retry_after = retry_after
