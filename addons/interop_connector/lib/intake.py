"""What passes between an inbound edge (an HTTP controller, say) and the queue behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from .quota import Limits


@dataclass(frozen=True, slots=True)
class InboundRoute:
    """Where a delivery belongs and what it must satisfy before anybody looks inside.

    `secrets` are the keys a signature may be made with (two while a key is being changed).
    `environment` is the connector's, for the fence. `is_open` is False while the connector or the
    flow is paused: a sender who can sign is asked to come back later, anybody else gets the
    answer for an unknown address. `max_bytes` is what the format can take; the edge may have a
    lower limit of its own. `memo` is whatever the queue wants to have at hand when it accepts.
    """

    UNLIMITED: ClassVar[int] = 2**31 - 1

    connector_id: int
    flow_id: int
    connector_code: str
    flow_code: str
    company_id: int | None
    secrets: tuple[bytes, ...] = field(repr=False)
    content_types: tuple[str, ...] = ("application/json",)
    max_bytes: int = UNLIMITED
    environment: str = ""
    is_open: bool = True
    memo: Any = field(default=None, repr=False, compare=False)
    limits: Limits = Limits()
    """What the connector takes in, live."""


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


class IntakeThrottled(Exception):
    """The partner sends more than was agreed; `retry_after` is seconds, `reason` a code."""

    def __init__(self, retry_after: float, reason: str) -> None:
        super().__init__(f"more than was agreed ({reason})")
        self.retry_after = retry_after
        self.reason = reason
