"""What an emit needs to know of a live flow: plain values, cached per process."""

from __future__ import annotations

from typing import NamedTuple

from .retention import STANDARD


class Subscription(NamedTuple):
    id: int
    connector_id: int
    company_id: int | bool
    """False: shared by all companies."""
    area_id: int
    document_type: str
    order_by: str
    batch_minutes: int
    """Messages are gathered until the next full interval of so many minutes; 0: not at all."""
    handler: str
    """The handler's model."""
    retention_class: str = STANDARD
    """What the documents that an emit brings are sealed under."""
