"""From a place that was dragged to a target to the rows that do it.

A place inside a list needs the list opened first (`Lines[]` for each `lines`): those rows are
proposed with it. Nothing here looks at values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from odoo.addons.interop_base.lib.failures import DataError

from .paths import parse_target, write_target
from .rows import Row
from .uses import Steps, chain_of, scopes_of, steps_of

MAX_COMPARED = 400


class ProposalError(DataError):
    """A place that cannot be taken to where it was dragged; the sentence says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The rows as they would be."""

    rows: tuple[Row, ...]
    place: int
    """The row that takes the value, counted from 0."""
    before: tuple[int | None, ...]
    """For each of them, which it was before (from 0); None for a new one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in a shape, with what people call it."""

    path: str
    title: str = ""


def usual_target(rows: Sequence[Row], path: str, opens: bool = False) -> str:
    """The target that is offered for a place: its own name, in the list that takes its entries."""
    steps = parse_target(path)
    around: Steps = ()
    rest = steps
    for target, scope in scopes_of(rows).items():
        inside = scope is not None and len(scope) < len(steps) and steps[: len(scope)] == scope
        if inside and scope is not None and len(steps) - len(scope) < len(rest):
            around, rest = target, steps[len(scope) :]
    if not opens and rest[-1][1]:
        rest = (*rest[:-1], (rest[-1][0], False))
    return write_target((*around, *rest))


def set_source(rows: Sequence[Row], number: int, path: str, opens: bool = False) -> Proposal:
    """Give the row at `number` (from 0) another source. A list's row gets another list."""
    row = rows[number]
    target = steps_of(row.target)
    expression = _seen_from(chain_of(scopes_of(rows[:number]), target), parse_target(path))
    if target and target[-1][1]:
        if not opens:
            raise ProposalError("This row opens a list: drag a list of groups onto it.")
        changed = replace(row, each=expression, source="", constant=None)
    else:
        changed = replace(row, source=expression, each="", constant=None)
    listed = (*rows[:number], changed, *rows[number + 1 :])
    return Proposal(listed, number, tuple(range(len(rows))))


def add_row(rows: Sequence[Row], path: str, target: str, opens: bool = False) -> Proposal:
    """A new row for `target`, with the lists opened that it needs. `opens`: each entry of the
    list at `path` becomes an entry of the list at `target`.

    Raises `PathError` for a target that cannot be read, `ProposalError` for one that cannot be.
    """
    source, wanted = parse_target(path), parse_target(target)
    if opens and not wanted[-1][1]:
        wanted = (*wanted[:-1], (wanted[-1][0], True))
    if not opens and wanted[-1][1]:
        wanted = (*wanted[:-1], (wanted[-1][0], False))
    if any(steps_of(row.target) == wanted for row in rows):
        raise ProposalError("Another row puts a value there: drag onto that row instead.")
    scopes = scopes_of(rows)
    listed = list(rows)
    before: list[int | None] = list(range(len(rows)))
    inner = [place for place, (_name, many) in enumerate(wanted[:-1], 1) if many]
    for length in inner:
        group = wanted[:length]
        if group in scopes:
            continue
        scope = _next_list(chain_of(scopes, group), source)
        if scope is None:
            raise ProposalError(
                "The target stands in a list and the source does not. Choose first which list "
                "gives the entries: drag that list here."
            )
        each = _seen_from(chain_of(scopes, group), scope)
        _insert(listed, before, Row(write_target(group), each=each))
        scopes[group] = scope
    expression = _seen_from(chain_of(scopes, wanted), source)
    row = (
        Row(write_target(wanted), each=expression)
        if opens
        else Row(write_target(wanted), expression)
    )
    place = _insert(listed, before, row)
    return Proposal(tuple(listed), place, tuple(before))


def _insert(rows: list[Row], before: list[int | None], row: Row) -> int:
    """Below the last row of the same list; the list itself is above it."""
    around = _around(steps_of(row.target))
    place = len(rows)
    if around:
        place = 1 + max(
            number
            for number, each in enumerate(rows)
            if steps_of(each.target)[: len(around)] == around
        )
    rows.insert(place, row)
    before.insert(place, None)
    return place


def _around(steps: Steps) -> Steps:
    lists = [place for place, (_name, many) in enumerate(steps[:-1], 1) if many]
    return steps[: lists[-1]] if lists else ()


def _next_list(chain: Sequence[Steps | None], source: Steps) -> Steps | None:
    """The outermost list around the source that no group on the way gives entries of yet."""
    here = chain[0]
    known = here if here is not None and source[: len(here)] == here else ()
    for length in range(len(known) + 1, len(source) + 1):
        if source[length - 1][1]:
            return source[:length]
    return None


def _seen_from(chain: Sequence[Steps | None], source: Steps) -> str:
    """The place as an expression of a row that looks at `chain`, innermost first."""
    last = len(chain) - 1
    for up, scope in enumerate(chain):
        if scope is None or source[: len(scope)] != scope:
            continue
        rest = source[len(scope) :]
        if not rest:
            return f"{'^' * up or '@'}"
        text = _expression(rest)
        if up == 0:
            return text
        return f"/{text}" if up == last else f"{'^' * up}.{text}"
    raise ProposalError("There is no way from this row to that place.")


def _expression(steps: Steps) -> str:
    """As JMESPath: a list on the way is gone through as a whole, the last one is taken as it is."""
    text = ""
    for place, (name, many) in enumerate(steps):
        plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
        text += "." if text else ""
        text += name if plain else f'"{name}"'
        if many and place < len(steps) - 1:
            text += "[]"
    return text


# -- proposals by name -----------------------------------------------------------------------------

# Short forms that partners write. What stands for the same is compared as the same word.
_WORDS = {
    "no": "number", "nr": "number", "num": "number", "id": "number", "qty": "quantity",
    "amt": "amount", "desc": "description", "cur": "currency", "curr": "currency",
    "ccy": "currency", "ean": "gtin", "tel": "phone", "telephone": "phone", "mail": "email",
    "addr": "address", "zip": "postcode", "postal": "postcode", "uom": "unit", "um": "unit",
    "pos": "line", "position": "line", "positions": "line", "lines": "line", "items": "line",
    "details": "line", "vendor": "supplier", "seller": "supplier", "customer": "buyer",
    "ord": "order", "ordered": "order", "po": "order", "rev": "revision", "dt": "date",
    "at": "date", "dlv": "delivery", "ref": "reference", "stat": "status", "article": "item",
    "art": "item", "sku": "item", "product": "item",
}  # fmt: skip
_LEAST = 0.5


def suggest(
    rows: Sequence[Row], sources: Iterable[Place], targets: Iterable[Place]
) -> list[tuple[str, str]]:
    """(source path, target path) that carry the same or nearly the same name, best first.

    Of targets that no row fills. Each of both at most once; only what `add_row` would do.
    """
    filled = {steps_of(row.target) for row in rows}
    froms = [(each, _marks(each)) for each in list(sources)[:MAX_COMPARED]]
    tos = [
        (each, _marks(each))
        for each in list(targets)[:MAX_COMPARED]
        if steps_of(each.path) not in filled
    ]
    scored = []
    for rank, (target, wanted) in enumerate(tos):
        for source, had in froms:
            score = _likeness(had, wanted)
            if score >= _LEAST and source.path.count("[]") >= target.path.count("[]"):
                scored.append((-score, rank, source.path, target.path))
    pairs: list[tuple[str, str]] = []
    taken: set[str] = set()
    for _score, _rank, source_path, target_path in sorted(scored):
        if source_path in taken or target_path in taken:
            continue
        try:
            add_row(rows, source_path, target_path)
        except DataError:
            continue
        taken |= {source_path, target_path}
        pairs.append((source_path, target_path))
    return pairs


_Marks = tuple[frozenset[str], frozenset[str]]


def _marks(place: Place) -> _Marks:
    """The words of the name and of its title; the words of what is around it."""
    steps = steps_of(place.path)
    own = _words(steps[-1][0]) if steps else frozenset()
    around = frozenset(word for name, _many in steps[:-1] for word in _words(name))
    return own | _words(place.title) if len(own) < 2 and place.title else own, around


def _words(text: str) -> frozenset[str]:
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", text)
    return frozenset(_WORDS.get(part.lower(), part.lower()) for part in parts)


def _likeness(one: _Marks, other: _Marks) -> float:
    """From 0 to 1: shared words of the names, and a little for those around them."""
    own = len(one[0] & other[0]) / (len(one[0] | other[0]) or 1)
    if own < _LEAST:
        return 0.0
    around = len(one[1] & other[1]) / (len(one[1] | other[1]) or 1)
    return own * 0.8 + around * 0.2
