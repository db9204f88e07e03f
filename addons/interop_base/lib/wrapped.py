"""Tables whose rows hold data keys that the keyring wrapped.

Rotation re-wraps what is in them, a version is retired only when none of them uses it, and a period
is destroyed only when nothing of it lives. A table that is not registered here would be left behind
by all three: whoever stores what :meth:`Keyring.wrap` returned registers it when its module is
imported.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .registry import Registry


@dataclass(frozen=True, slots=True)
class WrappedTable:
    """A table with an integer column ``id``; a row whose wrapped key is NULL holds nothing.

    ``place`` names columns; ``associated_data`` makes what the key was wrapped with from the
    installation's uuid and their values as text. ``period`` names the columns of retention class
    and month if the table holds content; without, its keys are wrapped by the master version alone.
    """

    table: str
    label: str
    place: tuple[str, ...]
    associated_data: Callable[..., bytes]
    key_id: str = "key_id"
    wrapped_key: str = "wrapped_key"
    period: tuple[str, str] | None = None


WRAPPED: Registry[WrappedTable] = Registry("table of wrapped keys")


@dataclass(slots=True)
class Rewrapped:
    """What a run did: rows re-wrapped, rows that do not open, rows left under other versions."""

    version: str
    count: int = 0
    failed: int = 0
    left: int = 0

    def facts(self) -> dict[str, str | int]:
        return {
            "key": self.version,
            "count": self.count,
            "failed": self.failed,
            "left": self.left,
        }
