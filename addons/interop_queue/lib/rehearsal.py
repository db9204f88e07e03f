"""What a message would be today beside what it was then, field by field.

Paths are those of what is compared: `lines[2].price` in this one, `lines[].price` in all. Names
that look like values (a list kept by numbers, say) are not repeated: a path is told to people who
may not see the content.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from odoo.addons.interop_document.lib.canonical import canonical_json

SAME, CHANGED, MAKEABLE, IMPOSSIBLE = "same", "changed", "makeable", "impossible"
OUTCOMES = {
    SAME: "Same as then",
    CHANGED: "Differs",
    MAKEABLE: "Can be made, nothing to compare",
    IMPOSSIBLE: "Cannot be made",
}
VALUE, ONLY_THEN, ONLY_NOW = "changed", "only then", "only now"

# More differences than that in one message are counted and not told one by one.
MOST = 200
_ABSENT: Any = object()
_SECRET = "rehearsed-encryption:"
_NUMBERED = re.compile(r"\[\d+\]")
_NAME = re.compile(r"[A-Za-z_@$#][A-Za-z_@$#:0-9-]{0,60}")
_MANY_DIGITS = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is not as it was. The values are JSON texts; None where there is none."""

    path: str
    kind: str
    then: str | None = field(default=None, repr=False)
    now: str | None = field(default=None, repr=False)

    @property
    def pattern(self) -> str:
        """The field in all messages.

        >>> Change("lines[12].item.codes[0]", "changed").pattern
        'lines[].item.codes[]'
        """
        return _NUMBERED.sub("[]", self.path)


def encrypted(value: Any) -> str:
    """In the place of the recipient's encryption, which gives another text each time."""
    return f"{_SECRET}{sha256(canonical_json(value)).hexdigest()[:16]}"


def changes_between(then: Any, now: Any) -> Iterator[Change]:
    """The fields that differ, in the order of their names and places.

    >>> [(each.path, each.kind) for each in changes_between({"a": 1, "b": [1]}, {"b": [2, 3]})]
    [('a', 'only then'), ('b[0]', 'changed'), ('b[1]', 'only now')]

    What was encrypted for the recipient differs each time, and is compared by being there.
    """
    yield from _walk(then, now, "")


def _walk(then: Any, now: Any, path: str) -> Iterator[Change]:
    if then is _ABSENT or now is _ABSENT:
        yield from _one_sided(then, now, path)
    elif isinstance(then, dict) and isinstance(now, dict):
        for name in sorted(then.keys() | now.keys()):
            one, other = then.get(name, _ABSENT), now.get(name, _ABSENT)
            if not _is_same_value(one, other):
                inner = f"{path}.{told_name(name)}" if path else told_name(name)
                yield from _walk(one, other, inner)
    elif isinstance(then, list) and isinstance(now, list):
        for place, (one, other) in enumerate(zip_longest(then, now, fillvalue=_ABSENT)):
            yield from _walk(one, other, f"{path}[{place}]")
    elif not _alike(then, now):
        yield Change(path, VALUE, _text(then), _text(now))


def _one_sided(then: Any, now: Any, path: str) -> Iterator[Change]:
    """A group or list that one side lacks is told by the fields in it, if it has any."""
    value = now if then is _ABSENT else then
    kind = ONLY_NOW if then is _ABSENT else ONLY_THEN
    if isinstance(value, dict) and value:
        for name in sorted(value):
            inner = f"{path}.{told_name(name)}" if path else told_name(name)
            yield from _walk(
                *((_ABSENT, value[name]) if kind == ONLY_NOW else (value[name], _ABSENT)), inner
            )
    elif isinstance(value, list) and value:
        for place, each in enumerate(value):
            yield from _walk(
                *((_ABSENT, each) if kind == ONLY_NOW else (each, _ABSENT)), f"{path}[{place}]"
            )
    else:
        yield Change(path, kind, _text(then), _text(now))


def _is_same_value(then: Any, now: Any) -> bool:
    """Most fields are, so this is quick: a group or list never is, whatever it holds."""
    kind = type(now)
    return kind is type(then) and kind is not dict and kind is not list and bool(then == now)


def _alike(then: Any, now: Any) -> bool:
    if isinstance(now, str) and _SECRET in now and isinstance(then, str):
        return True
    numbers = (int, float)
    if isinstance(then, numbers) and isinstance(now, numbers):
        return isinstance(then, bool) == isinstance(now, bool) and then == now
    return type(then) is type(now) and bool(then == now)


@lru_cache(maxsize=4096)
def told_name(name: str) -> str:
    """A field's name, unless it looks like a value.

    >>> told_name("item_2"), told_name("4006381333931"), told_name("Jo Doe")
    ('item_2', '?', '?')
    """
    if _NAME.fullmatch(name) and not _MANY_DIGITS.search(name):
        return name
    return "?"


def _text(value: Any) -> str | None:
    if value is _ABSENT:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What became of one message."""

    message_id: int
    outcome: str
    failure_class: str = ""
    sentence: str = ""
    changes: tuple[Change, ...] = field(default=(), repr=False)

    @property
    def signature(self) -> str:
        """How it differs, in words that many messages share; no values."""
        if self.outcome == IMPOSSIBLE:
            return self.sentence
        return signature_of(self.changes)


def signature_of(changes: Iterable[Change], most: int = 6) -> str:
    """
    >>> signature_of([Change("l[0].p", "changed"), Change("l[1].p", "changed")])
    'l[].p'
    >>> signature_of([Change("a", "only now"), Change("b", "only then")])
    'a (only now), b (only then)'
    """
    told = dict.fromkeys(
        each.pattern if each.kind == VALUE else f"{each.pattern} ({each.kind})" for each in changes
    )
    shown = list(told)
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def summary(outcomes: Sequence[tuple[str, str]], most: int = 3) -> str:
    """One sentence about many: (outcome, signature) of each.

    >>> summary([("same", "")] * 980 + [("changed", "lines[].price")] * 20)
    '980 same; 20 differ in lines[].price'
    """
    by_outcome = Counter(outcome for outcome, _signature in outcomes)
    told = []
    if by_outcome[SAME]:
        told.append(f"{by_outcome[SAME]:,} same")
    changed = Counter(signature for outcome, signature in outcomes if outcome == CHANGED)
    for signature, count in changed.most_common(most):
        told.append(f"{count:,} {'differs' if count == 1 else 'differ'} in {signature}")
    if rest := sum(count for _signature, count in changed.most_common()[most:]):
        told.append(f"{rest:,} differ otherwise")
    if by_outcome[MAKEABLE]:
        told.append(f"{by_outcome[MAKEABLE]:,} can be made, with nothing to compare")
    if by_outcome[IMPOSSIBLE]:
        told.append(f"{by_outcome[IMPOSSIBLE]:,} cannot be made")
    return "; ".join(told)
