"""Looks for what points to a person in a text: numbers, addresses, names, days of birth.

It finds what has a form. What only a reader understands ("the mayor's wife in room 12") it cannot
find: it is the last look at what leaves, and not the policy.
"""

from collections.abc import Collection
from functools import cache

# Each of these registers its kinds.
from . import contacts, numbers, records
from .folding import fold, fold_places
from .kinds import CROWDED, KINDS, CrowdedError, Hints, Kind, Scout, Sighting, label_of, mark_of
from .redact import FINDERS

__all__ = [
    "CROWDED", "KINDS", "Hints", "Kind", "Sighting", "contacts", "find", "fold", "label_of",
    "mark_of", "numbers", "records", "scout",
]  # fmt: skip

_PLAIN_HINTS = Hints()


def find(
    text: str, kinds: Collection[str] | None = None, hints: Hints = _PLAIN_HINTS
) -> list[Sighting]:
    """What `text` holds of `kinds` (all that there are if None), in order, without overlaps.

    Where two overlap the earlier and longer one covers both; of equals the rarer form names it.
    """
    folded, places = fold_places(text)
    found: list[Sighting] = []
    try:
        for code, kind in KINDS:
            if kinds is None or code in kinds:
                found += [Sighting(code, *span) for span in kind.find(folded, hints)]
    except CrowdedError:
        return [Sighting(CROWDED, 0, len(text))]
    merged: list[Sighting] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end, _rank(each.kind))):
        if merged and each.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Sighting(last.kind, last.start, max(last.end, each.end))
        else:
            merged.append(each)
    if places is None:
        return merged
    return [Sighting(s.kind, places[s.start], places[s.end - 1] + 1) for s in merged]


FINDERS.register("sightings", find)


# What has a check digit or a form of its own says more than that it may be a telephone number.
_RANKS = {code: place for place, code in enumerate(("card", "ssn", "npi", "mrn"))}


def _rank(kind: str) -> int:
    return _RANKS.get(kind, len(_RANKS))


def scout(folded: str, kinds: Collection[str], hints: Hints) -> list[tuple[int, frozenset[str]]]:
    """Places in a folded text where `find` must look closer, and for which kinds only."""
    return [
        (place, told) for each, told in _by_scout(frozenset(kinds)) for place in each(folded, hints)
    ]


@cache
def _by_scout(kinds: frozenset[str]) -> tuple[tuple[Scout, frozenset[str]], ...]:
    """Several kinds share a scout: it runs once for all of them."""
    scouts: dict[Scout, set[str]] = {}
    for code in kinds:
        scouts.setdefault(KINDS.get(code).scout, set()).add(code)
    return tuple((each, frozenset(told)) for each, told in scouts.items())
