"""Months that went at the end of their retention: what may be missing, and by what proof."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter

from . import leaf, merkle, seal
from .findings import Findings
from .source import Dropped, Proven

ACT = "audit.month_dropped"
#: Stands in the line of such an entry, and hardly in another's.
MARK = b"\t" + ACT.encode() + b"\t"


class Drops:
    """Believes that a month was dropped only if a sealed entry says so."""

    def __init__(self, stored: Sequence[Dropped]) -> None:
        self._stored = {hashlib.sha256(each.ranges.encode()).hexdigest(): each for each in stored}
        self._ids: list[tuple[int, int]] = []
        self._seals: list[tuple[int, int]] = []
        self._unsealed: list[str] = []
        #: The months that are gone in order.
        self.months: list[str] = []

    def take(self, line: bytes, *, sealed: bool) -> None:
        """An entry of the trail says that a month was dropped."""
        try:
            values = dict(zip(leaf.COLUMNS, leaf.values(line), strict=True))
            if values["act"] != ACT:
                return
            facts = json.loads(values["details"] or "{}")
            digest, month = str(facts["ids_digest"]), str(facts["month"])
            seals = [(int(first), int(last)) for first, last in facts["seals"]]
        except (ValueError, KeyError, TypeError):
            # It proves nothing then, and what is missing is told as missing.
            return
        stored = self._stored.get(digest)
        self._seals = _merged([*self._seals, *seals])
        if stored is not None:
            ranges = [(int(first), int(last)) for first, last in json.loads(stored.ranges)]
            self._ids = _merged([*self._ids, *ranges])
        self.months.append(month)
        if not sealed:
            self._unsealed.append(month)

    def take_proven(self, proven: Proven, trusted: Collection[str]) -> None:
        """The same in a seal that is not verified now: its leaves and signature must hold."""
        try:
            statement = seal.Statement.parse(proven.seal.statement)
            hashes = seal.unpack_leaves(proven.leaves)[1]
        except ValueError:
            return
        if (
            leaf.leaf_hash(proven.line) in hashes
            and merkle.root(hashes).hex() == statement.root
            and statement.key in trusted
            and seal.verify(statement.key, proven.seal.statement, proven.seal.signature)
        ):
            self.take(proven.line, sealed=True)

    def is_gone(self, entry: int) -> bool:
        """Whether this entry went with a month that was dropped."""
        return _within(self._ids, entry)

    def is_seal_gone(self, number: int) -> bool:
        """Whether all entries of this seal went with months that were dropped."""
        return _within(self._seals, number)

    def tell(self, findings: Findings) -> None:
        """Note the months, and which of them are not proved by a seal yet."""
        if self.months:
            findings.add(
                "dropped",
                f"Dropped at the end of their retention: {', '.join(sorted(set(self.months)))}.",
            )
        for month in self._unsealed:
            findings.add(
                "dropped",
                f"The entry that says so of {month} is not sealed yet.",
                severity="warning",
            )


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same numbers as ranges that lie apart, in order.

    >>> _merged([(5, 6), (1, 3), (2, 4), (9, 9)])
    [(1, 6), (9, 9)]
    """
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _within(ranges: list[tuple[int, int]], number: int) -> bool:
    place = bisect_right(ranges, number, key=itemgetter(0)) - 1
    return place >= 0 and number <= ranges[place][1]
