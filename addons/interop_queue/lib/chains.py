"""The names of chains: what messages have in common that go one after the other."""

from __future__ import annotations


def chain_name(flow_id: int, key: str | None) -> str | None:
    """A name that is unique over all flows; None for messages that wait for no other.

    Unique, so that the statements of the queue need no flow beside it: an index of a flow's
    messages could then answer too, and walk its whole history.

    >>> chain_name(7, "purchase.order,12")
    '7/purchase.order,12'
    >>> chain_name(7, None)
    """
    return f"{flow_id}/{key}" if key else None


def chain_key(name: str) -> str:
    """What of a chain's name people need to see.

    >>> chain_key("7/purchase.order,12")
    'purchase.order,12'
    """
    return name.partition("/")[2] or name
