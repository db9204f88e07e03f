"""Compiles a crosswalk for one company, so that translating a code costs a dictionary access.

Which entry counts for a code, in this order: it is valid on the day; it is the company's own rather
than one for all companies; it is the preferred one. Several that are left are no answer but a
mistake in the crosswalk, and an error: a guess would order the wrong thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from odoo.addons.interop_base.lib.failures import DataError

from .lookup import IN, OUT

#: What happens to a code that no entry names. `fail`: the message waits for somebody to map it.
FAIL, PASS, DEFAULT = "fail", "pass", "default"
UNKNOWN_RULES: dict[str, str] = {
    FAIL: "Stop the message",
    PASS: "Pass the code through as it is",
    DEFAULT: "Use the default code",
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """The rule for unknown codes on one way. A `DEFAULT` without a code stops like `FAIL`."""

    rule: str = FAIL
    default: str = ""

    def __post_init__(self) -> None:
        if self.rule not in UNKNOWN_RULES:
            raise DataError(
                f"The rule {self.rule} for unknown codes is not known; known are "
                f"{', '.join(UNKNOWN_RULES)}."
            )

    def answer(self, code: str) -> str | None:
        if self.rule == PASS:
            return code
        return self.default or None if self.rule == DEFAULT else None


@dataclass(frozen=True, slots=True)
class Rules:
    """A crosswalk's rules: the part of it that flows publish. Entries are live data."""

    code: str
    out: Unknown = Unknown()
    back: Unknown = Unknown()
    ignore_case: bool = False
    ignore_spaces: bool = True
    """Spaces around a code do not count, and a run of spaces inside it counts as one."""

    def fold(self, code: str) -> str:
        """What two spellings of one code have in common. Folding twice changes nothing."""
        if self.ignore_case:
            # Folding can leave letters that fold once more (İ), and upper case joins ß and ss.
            code = code.casefold().upper().casefold()
        return " ".join(code.split()) if self.ignore_spaces else code

    def snapshot(self) -> dict[str, Any]:
        """Plain JSON; `rules_of` reads it."""
        return {
            "code": self.code,
            "out": {"rule": self.out.rule, "default": self.out.default},
            "in": {"rule": self.back.rule, "default": self.back.default},
            "ignore_case": self.ignore_case,
            "ignore_spaces": self.ignore_spaces,
        }


def rules_of(snapshot: Mapping[str, Any]) -> Rules:
    """The rules in a published snapshot. Raises `DataError` for a rule that is not known."""
    return Rules(
        code=snapshot["code"],
        out=Unknown(**snapshot["out"]),
        back=Unknown(**snapshot["in"]),
        ignore_case=snapshot["ignore_case"],
        ignore_spaces=snapshot["ignore_spaces"],
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One pair of codes. `company` 0: for all companies. Both dates belong to the period."""

    ours: str = field(repr=False)
    theirs: str = field(repr=False)
    company: int = 0
    start: date | None = None
    end: date | None = None
    preferred: bool = False

    def holds_on(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def meets(self, other: Entry) -> bool:
        """Whether there is a day on which both hold."""
        return (self.end is None or other.start is None or other.start <= self.end) and (
            other.end is None or self.start is None or self.start <= other.end
        )


class Crosswalk:
    """Rules and entries as one company sees them. Safe to share between threads."""

    __slots__ = ("_always", "_dated", "_unknown", "rules")

    def __init__(self, rules: Rules, entries: Iterable[Entry], company: int) -> None:
        self.rules = rules
        self._unknown = {OUT: rules.out, IN: rules.back}
        self._always: dict[str, dict[str, str]] = {OUT: {}, IN: {}}
        self._dated: dict[str, dict[str, tuple[Entry, ...]]] = {OUT: {}, IN: {}}
        seen = [entry for entry in entries if entry.company in (0, company)]
        for way in (OUT, IN):
            for key, found in self._by_code(seen, way).items():
                if len(found) == 1 and found[0].start is None and found[0].end is None:
                    self._always[way][key] = _other_side(found[0], way)
                else:
                    self._dated[way][key] = tuple(found)

    def translate(self, code: str, way: str, on: date) -> str | None:
        """The other side's code on that day; None if the code has to be mapped first.

        Raises `DataError` if several entries fit and none is preferred.
        """
        key = self.rules.fold(code)
        always = self._always[way].get(key)
        if always is not None:
            return always
        fitting = [entry for entry in self._dated[way].get(key, ()) if entry.holds_on(on)]
        if not fitting:
            return self._unknown[way].answer(code)
        return self._choose(fitting, way)

    def knows(self, code: str, way: str, on: date) -> bool:
        """Whether an entry names the code on that day, whatever the rules for unknown ones."""
        return self.rules.fold(code) in self.codes(way, on)

    def codes(self, way: str, on: date) -> Set[str]:
        """The codes of one side that entries name on that day, folded."""
        dated = self._dated[way].items()
        held = {key for key, found in dated if any(entry.holds_on(on) for entry in found)}
        return held | self._always[way].keys() if held else self._always[way].keys()

    def _choose(self, fitting: list[Entry], way: str) -> str:
        own = [entry for entry in fitting if entry.company] or fitting
        best = [entry for entry in own if entry.preferred] or own
        answers = {_other_side(entry, way) for entry in best}
        if len(answers) > 1:
            raise DataError(
                f"Crosswalk {self.rules.code} has several entries for one of "
                f"{'our' if way == OUT else 'their'} codes. Mark the one to use as preferred."
            )
        return answers.pop()

    def _by_code(self, entries: Iterable[Entry], way: str) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in entries:
            code = entry.ours if way == OUT else entry.theirs
            found.setdefault(self.rules.fold(code), []).append(entry)
        return found


def _other_side(entry: Entry, way: str) -> str:
    return entry.theirs if way == OUT else entry.ours


def conflicts(rules: Rules, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of entries of one company that must not hold on the same day, the later one second.

    They share a code of ours or of theirs, and are the same pair of codes twice or both preferred.
    Without such pairs every preferred entry is translated back to where it came from.
    """
    kept: dict[tuple[int, str, str], list[tuple[int, Entry]]] = {}
    for place, entry in enumerate(entries):
        sides = (
            (entry.company, OUT, rules.fold(entry.ours)),
            (entry.company, IN, rules.fold(entry.theirs)),
        )
        earlier = {number: other for side in sides for number, other in kept.get(side, ())}
        for other in earlier.values():
            if entry.meets(other) and _collide(rules, entry, other):
                yield other, entry
        for side in sides:
            kept.setdefault(side, []).append((place, entry))


def _collide(rules: Rules, one: Entry, other: Entry) -> bool:
    if one.preferred and other.preferred:
        return True
    same_ours = rules.fold(one.ours) == rules.fold(other.ours)
    return same_ours and rules.fold(one.theirs) == rules.fold(other.theirs)
