"""Names of people, looked for as whole words in folded texts, in either order.

A full name is looked for, not its parts: half of all family names are words as well.
"""

import re
from collections.abc import Iterable, Iterator

from .folding import fold, spell_out

# Apostrophes part words: there are several of them, and "Keller's" is about Keller too.
_WORD = re.compile(r"[^\W_]+")
_FARTHEST = 3
_FAR = re.compile(r"\w")
_SHORTEST_ALONE = 4
_MOST_WORDS = 8
_FEW = 40


class Names:
    """A set of names. Immutable; its text form tells none of them."""

    __slots__ = ("forms", "sizes", "words")

    def __init__(self, names: Iterable[str] = ()) -> None:
        forms: set[tuple[str, ...]] = set()
        for name in names:
            forms.update(_forms(name), _forms(spell_out(name)))
        self.forms = frozenset(forms)
        self.sizes = tuple(sorted({len(form) for form in forms}, reverse=True))
        # One word of each form: a text with none of them has none of the names.
        self.words = frozenset(max(form, key=len) for form in forms)

    def __bool__(self) -> bool:
        return bool(self.forms)

    def __repr__(self) -> str:
        return f"<Names: {len(self.forms)} forms>"

    def scout(self, text: str) -> Iterator[int]:
        """Where in `text` a word of a name stands."""
        if len(self.words) <= _FEW:
            for word in self.words:
                place = text.find(word)
                while place >= 0:
                    end = place + len(word)
                    if not (text[place - 1 : place].isalnum() or text[end : end + 1].isalnum()):
                        yield place
                    place = text.find(word, end)
        else:
            for found in _WORD.finditer(text):
                if found[0] in self.words:
                    yield found.start()

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Each name in `text`: the longest at a place."""
        if not self.forms:
            return
        words = [(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]
        place = 0
        while place < len(words):
            size = next((s for s in self.sizes if self._stands(words, place, s, text)), 0)
            if size:
                yield words[place][1], words[place + size - 1][2]
            place += size or 1

    def _stands(self, words: list[tuple[str, int, int]], place: int, size: int, text: str) -> bool:
        group = words[place : place + size]
        if len(group) < size or tuple(word for word, _start, _end in group) not in self.forms:
            return False
        return all(
            right[1] - left[2] <= _FARTHEST and not _FAR.search(text, left[2], right[1])
            for left, right in zip(group, group[1:], strict=False)
        )


def _forms(name: str) -> Iterator[tuple[str, ...]]:
    """A name as it may be written: as given, last name first, and without middle names."""
    given = fold(name)
    before, comma, after = given.partition(",")
    if comma and _WORD.search(after):
        given = f"{after} {before}"
    words = tuple(_WORD.findall(given))[:_MOST_WORDS]
    if all(len(word) == 1 for word in words):
        return  # initials are what a mask leaves: they name nobody
    if len(words) == 1 and len(words[0]) >= _SHORTEST_ALONE and not words[0].isdigit():
        yield words
    if len(words) < 2:
        return
    first, *middle, last = words
    yield words
    yield (last, first, *middle)
    yield (*words[-2:], *words[:-2])  # of two family names
    if middle:
        yield (first, last)
        yield (last, first)


NO_NAMES = Names()
