"""Comparing a keyring with what the database has registered of it.

The database knows no key, only the id and the fingerprint of each. Two hosts whose keyrings grew
apart are found out by that, before the second one seals something that the first cannot open.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .keyring import DIGEST_ROOT, Keyring, KeyringError

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Registered:
    """A key that some process has shown to the database."""

    key_id: str
    fingerprint: str
    destroyed: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """Ids of keys, sorted. ``new`` are not registered yet; ``gone`` were destroyed on purpose,
    which the database does not know yet (it was restored, say); ``missing`` and ``other`` are what
    stops a process; ``lingering`` were destroyed and are in the keyring all the same."""

    new: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    lingering: list[str] = field(default_factory=list)
    retired_current: str | None = None

    def require_sound(self) -> None:
        """Raise :class:`KeyringError` if nothing may be sealed with this keyring."""
        if DIGEST_ROOT in self.other:
            raise KeyringError(
                "This server's keyring is not the one of this database. Put back the keyring that "
                "the database was used with."
            )
        if self.other:
            raise KeyringError(
                f"This server's keyring holds another key under the name {_list(self.other)} than "
                "the one this database knows: two hosts made keys of their own. Copy the keyring "
                "from the host whose keys are registered."
            )
        if self.missing:
            raise KeyringError(
                f"This server's keyring lacks {_list(self.missing)}, which this database has in "
                "use. Copy the newest keyring to this server."
            )
        if self.retired_current:
            raise KeyringError(
                f"This server's keyring still seals with {self.retired_current}, which was "
                "retired. Copy the newest keyring to this server."
            )


def compare(keyring: Keyring, registered: Iterable[Registered]) -> Findings:
    """What differs between a keyring and what is registered."""
    prints = keyring.fingerprints()
    known = {each.key_id: each for each in registered}
    destroyed = {key_id for key_id, each in known.items() if each.destroyed}
    living = known.keys() - destroyed
    absent = living - prints.keys()
    return Findings(
        new=sorted(prints.keys() - known.keys()),
        gone=sorted(key_id for key_id in absent if key_id in keyring.destroyed),
        missing=sorted(key_id for key_id in absent if key_id not in keyring.destroyed),
        other=sorted(
            key_id
            for key_id, fingerprint in prints.items()
            if key_id in known and known[key_id].fingerprint != fingerprint
        ),
        lingering=sorted(destroyed & prints.keys()),
        retired_current=keyring.current if keyring.current in destroyed else None,
    )


def _list(key_ids: list[str]) -> str:
    text = ", ".join(key_ids[:_SHOWN])
    return f"{text} and {len(key_ids) - _SHOWN} more" if len(key_ids) > _SHOWN else text
