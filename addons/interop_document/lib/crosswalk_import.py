"""What a sheet would change in a crosswalk, told before anything is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from .crosswalk import Entry, Rules, conflicts
from .crosswalk_columns import Refusal, SheetRow
from .lookup import IN, OUT

NEW, CHANGED, ENDED, UNCHANGED, REFUSED = "new", "changed", "ended", "unchanged", "refused"
KINDS: dict[str, str] = {
    REFUSED: "Refused",
    NEW: "New",
    CHANGED: "Changed",
    ENDED: "Ended",
    UNCHANGED: "Unchanged",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one row of the sheet, or of one entry that it leaves out."""

    kind: str
    number: int
    """The sheet's row; 0: the sheet does not have it."""
    row: SheetRow | None = field(default=None, repr=False)
    """As it will be; None: it goes, or is refused."""
    entry: int = 0
    """The id of the entry that it changes, if there is one."""
    sentence: str = ""
    ours: str = field(default="", repr=False)
    theirs: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Import:
    changes: tuple[Change, ...]

    @property
    def refused(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.kind == REFUSED)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(change.kind for change in self.changes)
        return {kind: found[kind] for kind in KINDS}


_Pair = tuple[str, str, str]


def plan_import(
    rows: Sequence[SheetRow],
    refused: Sequence[Refusal],
    known: Mapping[int, SheetRow],
    rules: Rules,
    companies: Mapping[str, int],
    today: date,
    end_missing: bool = False,
) -> Import:
    """Compare the sheet with the entries `known` by id.

    A row is an entry if company, both codes (as the rules fold them) and the first day are the
    same; or, where sheet and crosswalk have one each that is left, company and codes, then company
    and our code: so a corrected code of theirs is a change. `companies` by name; no name is for
    all. `end_missing`: entries that hold and are not in the sheet end yesterday; those that were
    yet to begin go.
    """
    planned = _Planned(rules, companies, known)
    for refusal in refused:
        planned.refuse(refusal.number, refusal.sentence, refusal.ours, refusal.theirs)
    planned.match(rows)
    if end_missing:
        planned.end_missing(today)
    planned.refuse_conflicts()
    planned.warn_of_doubts()
    return Import(tuple(sorted(planned.changes, key=_place)))


def _place(change: Change) -> tuple[int, int, int]:
    return list(KINDS).index(change.kind), change.number, change.entry


class _Planned:
    def __init__(
        self, rules: Rules, companies: Mapping[str, int], known: Mapping[int, SheetRow]
    ) -> None:
        self.rules = rules
        self.companies = companies
        self.known = known
        self.changes: list[Change] = []
        self.left = dict(known)

    def refuse(self, number: int, sentence: str, ours: str = "", theirs: str = "") -> None:
        change = Change(REFUSED, number, sentence=sentence, ours=ours, theirs=theirs)
        self.changes.append(change)

    def _pair(self, row: SheetRow) -> _Pair:
        return row.company, self.rules.fold(row.ours), self.rules.fold(row.theirs)

    def match(self, rows: Sequence[SheetRow]) -> None:
        sound = self._sound(rows)
        exact = {(self._pair(row), row.start): entry for entry, row in self.known.items()}
        loose: list[SheetRow] = []
        for row in sound:
            entry = exact.get((self._pair(row), row.start))
            if entry is None:
                loose.append(row)
            else:
                self._note(row, entry)
        for part in (3, 2):
            loose = self._match_single(loose, part)
        for row in loose:
            self._note(row, 0)

    def _match_single(self, rows: list[SheetRow], part: int) -> list[SheetRow]:
        """Match by the first parts of the pair where both sides have just one; return the rest."""
        rows_of = Counter(self._pair(row)[:part] for row in rows)
        entries_of: dict[tuple[str, ...], list[int]] = {}
        for entry, known in self.left.items():
            entries_of.setdefault(self._pair(known)[:part], []).append(entry)
        rest = []
        for row in rows:
            key = self._pair(row)[:part]
            found = entries_of.get(key, ())
            if len(found) == 1 and rows_of[key] == 1:
                self._note(row, found[0])
            else:
                rest.append(row)
        return rest

    def _sound(self, rows: Sequence[SheetRow]) -> list[SheetRow]:
        """Without those that name no company of ours, or say what a row above says."""
        sound: list[SheetRow] = []
        above: dict[tuple[_Pair, date | None], int] = {}
        for row in rows:
            place = (self._pair(row), row.start)
            if row.company and row.company not in self.companies:
                sentence = "There is no such company among yours. Leave it empty for all."
                self.refuse(row.number, sentence, row.ours, row.theirs)
            elif place in above:
                sentence = f"Row {above[place]} has the same codes. Take one of them away."
                self.refuse(row.number, sentence, row.ours, row.theirs)
            else:
                above[place] = row.number
                sound.append(row)
        return sound

    def _note(self, row: SheetRow, entry: int) -> None:
        before = self.left.pop(entry, None)
        if before is None:
            kind, sentence = NEW, ""
        elif before == row:
            kind, sentence = UNCHANGED, ""
        else:
            ends = row.end and (not before.end or row.end < before.end)
            kind, sentence = ENDED if ends else CHANGED, _told(before, row)
        self.changes.append(Change(kind, row.number, row, entry, sentence, row.ours, row.theirs))

    def end_missing(self, today: date) -> None:
        yesterday = today - timedelta(days=1)
        for entry, row in list(self.left.items()):
            if row.end and row.end <= yesterday:
                continue
            del self.left[entry]
            begun = row.start is None or row.start <= yesterday
            after = replace(row, end=yesterday) if begun else None
            sentence = "it ends yesterday" if begun else "it goes"
            sentence = f"Not in the file: {sentence}."
            self.changes.append(Change(ENDED, 0, after, entry, sentence, row.ours, row.theirs))

    def refuse_conflicts(self) -> None:
        """Look at the whole as it would be."""
        places: list[Change | None] = [None] * len(self.left)
        after = list(self.left.values())
        for change in self.changes:
            if change.row is not None:
                after.append(change.row)
                places.append(change)
        entries = [self._entry(row) for row in after]
        where = {id(entry): place for place, entry in enumerate(entries)}
        for one, other in conflicts(self.rules, entries):
            pair = [places[where[id(each)]] for each in (one, other)]
            blamed = next((each for each in reversed(pair) if each and each.number), None)
            if blamed is None or blamed not in self.changes:
                continue
            rest = next((each for each in pair if each is not None and each is not blamed), None)
            against = f"row {rest.number}" if rest and rest.number else "an entry that stays"
            self.changes.remove(blamed)
            self.refuse(
                blamed.number,
                f"It holds on the same days as {against}, and both are the same codes or both "
                "preferred. End one before the other begins, or take away one mark.",
                blamed.ours,
                blamed.theirs,
            )

    def warn_of_doubts(self) -> None:
        """Several answers for one code are no mistake as long as nobody asks that way."""
        after = [*self.left.values(), *(change.row for change in self.changes if change.row)]
        groups: dict[tuple[int, str, str], list[Entry]] = {}
        for row in after:
            entry = self._entry(row)
            for side in self._sides(entry):
                groups.setdefault(side, []).append(entry)
        for place, change in enumerate(self.changes):
            if change.row is None or change.kind == UNCHANGED:
                continue
            entry = self._entry(change.row)
            for side in self._sides(entry):
                fitting = [each for each in groups[side] if each.meets(entry)]
                if len(fitting) > 1 and not any(each.preferred for each in fitting):
                    whose = "our code" if side[1] == OUT else "their code"
                    sentence = f"{change.sentence} There are several for {whose}: prefer one."
                    change = self.changes[place] = replace(change, sentence=sentence.strip())

    def _sides(self, entry: Entry) -> tuple[tuple[int, str, str], ...]:
        fold = self.rules.fold
        return (
            (entry.company, OUT, fold(entry.ours)),
            (entry.company, IN, fold(entry.theirs)),
        )

    def _entry(self, row: SheetRow) -> Entry:
        company = self.companies.get(row.company, -1) if row.company else 0
        return Entry(row.ours, row.theirs, company, row.start, row.end, row.preferred)


_NAMES = {
    "ours": "our code",
    "theirs": "their code",
    "ours_label": "our label",
    "theirs_label": "their label",
    "start": "first day",
    "end": "last day",
    "preferred": "preferred",
    "note": "note",
}


def _told(before: SheetRow, after: SheetRow) -> str:
    names = [text for name, text in _NAMES.items() if getattr(before, name) != getattr(after, name)]
    return f"Other: {', '.join(names)}."
