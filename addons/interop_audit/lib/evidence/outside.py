"""What is known outside: the statements of seals, noted where the database cannot reach them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from . import anchor, seal
from .findings import Findings
from .source import StoredSeal


class Outside:
    """Anchor lines, to be met by the seals of a trail.

    An anchor that says of a seal something else than the trail does proves that the trail was
    written anew; one beyond the trail's last seal proves that the end was cut off. Only an anchor
    that is signed with a trusted key proves anything.
    """

    def __init__(self, lines: Iterable[str] = (), trusted: Collection[str] = ()) -> None:
        self._trusted = frozenset(key.lower() for key in trusted)
        self._known: dict[int, dict[bytes, anchor.Anchored]] = {}
        self._bad: list[str] = []
        #: How many lines were anchors.
        self.count = 0
        for place, line in enumerate(lines, 1):
            if line.strip():
                self._take(place, line.rstrip("\r\n"))

    def _take(self, place: int, line: str) -> None:
        try:
            anchored = anchor.parse(line)
            number = anchored.facts.number
        except ValueError:
            self._bad.append(f"Line {place} of the anchors is no anchor.")
            return
        self.count += 1
        self._known.setdefault(number, {})[seal.digest(anchored.statement)] = anchored

    @property
    def highest(self) -> int:
        """The greatest number of a seal that an anchor knows; 0 if none is known."""
        return max(self._known, default=0)

    def meet(self, stored: StoredSeal, findings: Findings) -> None:
        """Compare a seal of the trail with what is known of its number."""
        known = self._known.get(stored.number)
        if not known:
            return
        digest = seal.digest(stored.statement)
        for anchored in (value for key, value in known.items() if key != digest):
            if self._is_signed(anchored):
                findings.add(
                    "rewritten",
                    f"Seal {stored.number} is not the one that was anchored outside: the trail "
                    "was written anew, up to here at least.",
                    seal=stored.number,
                )
            else:
                self._bad.append(_unsigned(stored.number))

    def finish(self, last: int, findings: Findings, *, complete: bool = True) -> None:
        """Say what anchors know beyond seal ``last``, and which anchors are worth nothing.

        ``complete`` is False if only a part was to be verified, which ends before the trail does:
        then it is a warning, as who asked for the part has to know.
        """
        beyond = [number for number in self._known if number > last]
        signed = [
            number for number in beyond if any(map(self._is_signed, self._known[number].values()))
        ]
        self._bad += [_unsigned(number) for number in sorted(set(beyond) - set(signed))]
        if signed:
            ends = f"ends with seal {last}" if last else "has no seal at all"
            findings.add(
                "truncated",
                f"The trail {ends}, but seal {max(signed)} was anchored outside: "
                + ("the end was cut off." if complete else "this is a part of it only."),
                seal=last or None,
                severity="error" if complete else "warning",
            )
        for sentence in self._bad:
            findings.add("bad_statement", sentence)

    def _is_signed(self, anchored: anchor.Anchored) -> bool:
        key = anchored.facts.key
        return key in self._trusted and anchored.is_signed_by(key)


def _unsigned(number: int) -> str:
    return f"An anchor of seal {number} is not signed with a trusted key and proves nothing."
