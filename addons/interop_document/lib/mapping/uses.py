"""What of a document the rows of a mapping take: for lighting what is left out.

A document's places are written like targets, from the document's root: `lines[].item.gtin`. What
an expression takes is read from its syntax, so it may be more than it uses for one document, and
never less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .expression import ExpressionError, parse_expression
from .paths import PathError, parse_target, write_target
from .rows import Row

Steps = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Uses:
    """Places by the row that takes them, rows counted from 1."""

    taken: Mapping[int, frozenset[str]]
    """Places whose values a row takes, with all that is below them."""
    opened: frozenset[str]
    """Lists of which a row takes each entry; what is in them is taken by other rows."""


def uses_of(rows: Sequence[Row]) -> Uses:
    """What the rows take. Rows that cannot be read take nothing."""
    scopes = scopes_of(rows)
    taken: dict[int, frozenset[str]] = {}
    opened: set[str] = set()
    for number, row in enumerate(rows, 1):
        chain = chain_of(scopes, steps_of(row.target))
        found: set[Steps] = set()
        for text in (row.source, row.when):
            found |= _places(text, chain)
        if row.each:
            lists = _places(row.each, chain)
            opened |= {write_target(_many(steps)) for steps in lists if steps}
        # A list that is taken whole is written without its [].
        taken[number] = frozenset(
            write_target(steps).removesuffix("[]") for steps in found if steps
        )
    return Uses(taken, frozenset(opened))


def steps_of(target: str) -> Steps:
    """The steps of a target; none if it cannot be read."""
    try:
        return parse_target(target)
    except PathError:
        return ()


def scopes_of(rows: Sequence[Row]) -> dict[Steps, Steps | None]:
    """For each list that rows open: where in the document its entries stand; None if in several
    places, or in one that no path leads to."""
    scopes: dict[Steps, Steps | None] = {}
    for row in rows:
        steps = steps_of(row.target)
        if steps and steps[-1][1] and row.each and steps not in scopes:
            places = _places(row.each, chain_of(scopes, steps))
            scopes[steps] = _many(next(iter(places))) if len(places) == 1 else None
    return scopes


def chain_of(scopes: Mapping[Steps, Steps | None], target: Steps) -> list[Steps | None]:
    """Where a row with that target looks, innermost first; the last is the document itself."""
    chain: list[Steps | None] = [()]
    for place, (_name, many) in enumerate(target[:-1], 1):
        if many and target[:place] in scopes:
            chain.insert(0, scopes[target[:place]])
    return chain


def _many(steps: Steps) -> Steps:
    return (*steps[:-1], (steps[-1][0], True)) if steps else steps


def _places(text: str, chain: Sequence[Steps | None]) -> set[Steps]:
    """The places that a source takes. A whole item is its list's place."""
    text = text.strip()
    if not text:
        return set()
    if text.startswith("/"):
        base, rest = chain[-1], text[1:].strip()
    else:
        up = len(text) - len(text.lstrip("^"))
        base = chain[up] if up < len(chain) else None
        rest = text[up:].lstrip(".").strip()
    if base is None:
        return set()
    if rest in ("", "@"):
        return {base}
    try:
        node = parse_expression(rest)
        found: set[Steps] = set()
        found |= _walk(node, {base}, found)
        return found
    except (ExpressionError, RecursionError):
        return set()


def _walk(node: Mapping[str, Any], bases: set[Steps], found: set[Steps]) -> set[Steps]:
    """Where `node` leads from `bases`; what it takes on the way goes into `found`."""
    children = [child for child in node.get("children", ()) if isinstance(child, Mapping)]
    match node["type"]:
        case "field":
            return {(*base, (str(node["value"]), False)) for base in bases}
        case "current" | "identity":
            return bases
        case "literal" | "expref":
            # What `&expiry` looks at is in a list that is taken as a whole.
            return set()
        case "index" | "slice":
            return {_many(base) for base in bases if base}
        case "flatten":
            return {_many(base) for base in _walk(children[0], bases, found) if base}
        case "subexpression" | "index_expression" | "pipe":
            for child in children:
                bases = _walk(child, bases, found)
            return bases
        case "projection" | "value_projection":
            inner = {_many(base) for base in _walk(children[0], bases, found) if base}
            return _walk(children[1], inner, found)
        case "filter_projection":
            inner = {_many(base) for base in _walk(children[0], bases, found) if base}
            found |= _walk(children[2], inner, found)
            return _walk(children[1], inner, found)
        case _:
            # Everything else makes a value of its own out of what its parts take.
            for child in children:
                found |= _walk(child, bases, found)
            return set()
