"""Which keys signed the seals, and whether to believe them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .findings import Findings


@dataclass(slots=True)
class _Run:
    """Consecutive seals under one key."""

    key: str
    first: int
    last: int
    #: Whether the key before vouches for this one, by an endorsement of the run's first seal.
    endorsed: bool


class Trust:
    """Follows the keys from seal to seal.

    A key is believed if it was given as trusted, or if the believed key before endorsed it. A key
    that endorsed a believed one is believed too, with a note: whoever holds the keys of today
    can at least tell that the chain led to them without a gap; an anchor or the old public key
    tells more.
    """

    def __init__(self, trusted: Collection[str]) -> None:
        self._trusted = frozenset(key.lower() for key in trusted)
        self._runs: list[_Run] = []

    def follow(self, number: int, key: str, endorsed: bool) -> None:
        """The next seal is signed by ``key``; ``endorsed`` matters only when the key is new."""
        if self._runs and self._runs[-1].key == key:
            self._runs[-1].last = number
        else:
            self._runs.append(_Run(key, number, number, endorsed))

    @property
    def keys(self) -> list[str]:
        """The keys in the order of their use."""
        return [run.key for run in self._runs]

    def judge(self, findings: Findings) -> None:
        """Note every run of seals under a key that is not to be believed."""
        believed = [run.key in self._trusted for run in self._runs]
        for place in range(1, len(self._runs)):
            believed[place] = believed[place] or (
                self._runs[place].endorsed and believed[place - 1]
            )
        vouched = list(believed)
        for place in reversed(range(len(self._runs) - 1)):
            vouched[place] = vouched[place] or (
                self._runs[place + 1].endorsed and vouched[place + 1]
            )
        for run, sure, passable in zip(self._runs, believed, vouched, strict=True):
            seals = _seals(run.first, run.last)
            if not passable:
                findings.add(
                    "wrong_key",
                    f"{seals} signed with key {run.key[:16]}…, which is not trusted and which no "
                    "trusted key endorsed.",
                    seal=run.first,
                )
            elif not sure:
                findings.add(
                    "wrong_key",
                    f"{seals} signed with key {run.key[:16]}…, which was not given as trusted. It "
                    "handed over to a trusted key; its public key or an anchor would prove more.",
                    seal=run.first,
                    severity="note",
                )


def _seals(first: int, last: int) -> str:
    return f"Seal {first} is" if first == last else f"Seals {first} to {last} are"
