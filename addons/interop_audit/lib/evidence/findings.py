"""What a verification found: codes for programs, sentences for people, numbers that say where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

#: Code -> (severity unless said otherwise, what it means in a few words).
CODES: Final[Mapping[str, tuple[str, str]]] = {
    "changed": ("error", "Entries were changed"),
    "deleted": ("error", "Entries or seals were removed"),
    "reordered": ("error", "Entries stand in one another's place"),
    "inserted": ("error", "Entries were slipped in"),
    "truncated": ("error", "The end was cut off"),
    "rewritten": ("error", "The trail was written anew"),
    "wrong_key": ("error", "Signed with a key that is not trusted"),
    "broken_chain": ("error", "A seal does not follow from the one before"),
    "bad_statement": ("error", "A seal's statement or signature does not hold"),
    "trigger_disabled": ("error", "The database's guards were tampered with"),
    "lag": ("warning", "Entries wait too long for their seal"),
    "unsealed": ("note", "Entries younger than the last seal"),
    "dropped": ("note", "Months dropped at the end of their retention"),
    "restored": ("note", "The database was moved or restored"),
}

SEVERITIES: Final = ("error", "warning", "note")

#: Of one code, so many are told one by one; the rest is only counted.
LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (``error``), wants a look (``warning``) or is to be known (``note``).

    ``seal`` and ``entry`` are the numbers of what it is about, if it is about one.
    """

    code: str
    severity: str
    seal: int | None
    entry: int | None
    sentence: str

    def as_json(self) -> dict[str, str | int | None]:
        """For programs: the five values by name."""
        return {
            "code": self.code,
            "severity": self.severity,
            "seal": self.seal,
            "entry": self.entry,
            "sentence": self.sentence,
        }


class Findings:
    """Gathers findings; a million of one kind do not fill the memory."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._told: list[Finding] = []
        self._more: dict[str, Finding] = {}
        self.counts: Counter[str] = Counter()

    def add(
        self,
        code: str,
        sentence: str,
        *,
        seal: int | None = None,
        entry: int | None = None,
        severity: str | None = None,
    ) -> None:
        """Note one. The severity is that of the code unless given."""
        self.take(Finding(code, severity or CODES[code][0], seal, entry, sentence))

    def take(self, finding: Finding) -> None:
        """Note one that was made elsewhere."""
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= self._limit:
            self._told.append(finding)
        else:
            self._more.setdefault(finding.code, finding)

    def __iter__(self) -> Iterator[Finding]:
        """Errors first, then warnings, then notes; each in the order of seals and entries."""
        yield from sorted(self._told + self._rest(), key=_rank)

    def _rest(self) -> list[Finding]:
        return [
            Finding(
                code,
                finding.severity,
                None,
                None,
                f"{self.counts[code] - self._limit} more of this kind are not listed.",
            )
            for code, finding in self._more.items()
        ]


def is_bad(finding: Finding) -> bool:
    """Whether a trail with this finding is not clean: errors and warnings are, notes are not."""
    return finding.severity != "note"


def _rank(finding: Finding) -> tuple[int, int, bool, int, int]:
    return (
        SEVERITIES.index(finding.severity),
        list(CODES).index(finding.code),
        finding.seal is None and finding.entry is None,
        finding.seal or 0,
        finding.entry or 0,
    )
