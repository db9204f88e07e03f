"""What an emit needs to know of a live flow: plain values, cached per process."""

from __future__ import annotations

from typing import Any, NamedTuple

from .modes import REAL_TIME
from .priorities import NORMAL
from .retention import STANDARD


class Wait(NamedTuple):
    """A flow waits for another one's messages about a record that is reached by a path."""

    flow_id: int
    path: str
    """From the record to the other's, `partner_id` say; empty: the same record."""


class Need(NamedTuple):
    """A message waits for what is open of a flow about a record."""

    message_id: int
    flow_id: int
    res_model: str
    res_id: int


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
    mode: str = REAL_TIME
    """One of `modes.MODES`."""
    priority: int = NORMAL
    """See `priorities`: a smaller number goes first."""
    as_of_event: bool = False
    """The document is composed at the event, not when it leaves."""
    condition: tuple[Any, ...] = ()
    """Which records it takes, as a domain's items; empty: all."""
    route_group: str = ""
    """Of the flows with one group, only the first fitting takes a record."""
    route_sequence: int = 10
    waits: tuple[Wait, ...] = ()
