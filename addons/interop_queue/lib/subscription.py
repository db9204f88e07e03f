"""What an emit needs to know of a live flow: plain values, cached per process."""

from __future__ import annotations

from typing import NamedTuple


class Subscription(NamedTuple):
    id: int
    connector_id: int
    company_id: int | bool
    """False: shared by all companies."""
    area_id: int
    document_type: str
    order_by: str
    handler: str
    """The handler's model."""
