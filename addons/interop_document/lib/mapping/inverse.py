"""The way back, as far as the rows allow: a proposal, and what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .expression import plain_path
from .functions import CONVERTERS
from .paths import parse_target, write_target
from .rows import Row

Steps = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """A row that has no way back, and why."""

    row: int
    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inverted:
    """Rows of the other direction, and the rows that are lost in it."""

    rows: tuple[Row, ...]
    lost: tuple[Lost, ...]
    kept: tuple[str, ...]
    """Sources of this mapping that come back, as paths of the document: `lines[].item.gtin`."""


def invert(rows: Sequence[Row]) -> Inverted:
    """Turn sources and targets round. What a condition, a constant or an expression made is lost.

    Without the crosswalks' help: a code comes back as the one that is preferred there.
    """
    groups: dict[Steps, Steps] = {(): ()}
    found: list[Row] = []
    lost: list[Lost] = []
    taken: set[Steps] = set()
    kept: list[str] = []
    for number, row in enumerate(rows, 1):
        steps = parse_target(row.target)
        around = _inner(steps)
        reason = _reason(row)
        if not reason and around not in groups:
            reason = "its list has no way back"
        if reason:
            lost.append(Lost(number, row.target, reason))
            continue
        source = row.each if steps[-1][1] else row.source
        names = plain_path(source.strip())
        assert names is not None
        back: Steps = groups[around] + tuple((name, False) for name in names)
        if steps[-1][1]:
            back = (*back[:-1], (back[-1][0], True))
        if back in taken:
            lost.append(Lost(number, row.target, "another row brings its source back"))
            continue
        taken.add(back)
        here = _expression(steps[len(around) :])
        if here is None:
            lost.append(Lost(number, row.target, "its name cannot be written as an expression"))
            continue
        if steps[-1][1]:
            groups[steps] = back
            found.append(Row(write_target(back), each=here, required=row.required))
            continue
        converter, arguments = (_inverse(row) if row.converter else None) or ("", {})
        found.append(
            Row(
                write_target(back),
                here,
                converter=converter,
                arguments=arguments,
                crosswalk=row.crosswalk,
                required=row.required,
            )
        )
        kept.append(write_target(back))
    return Inverted(tuple(found), tuple(lost), tuple(kept))


def _reason(row: Row) -> str:
    source = row.each or row.source
    if row.when:
        return "it is put only under a condition"
    if not source:
        return "a constant says nothing about the document"
    if plain_path(source.strip()) is None:
        return "it is more than a plain path"
    if row.converter and _inverse(row) is None:
        return f"the converter {row.converter} has no way back"
    if row.converter and row.crosswalk:
        return "a converter and a crosswalk together have no way back"
    if row.default is not None:
        return "a default cannot be told from a value"
    return ""


def _inverse(row: Row) -> tuple[str, dict[str, Any]] | None:
    inverse = CONVERTERS.get(row.converter).inverse
    return inverse(row.arguments) if inverse else None


def _inner(steps: Steps) -> Steps:
    lists = [place for place, (_name, many) in enumerate(steps[:-1], 1) if many]
    return steps[: lists[-1]] if lists else ()


def _expression(steps: Steps) -> str | None:
    """The path as JMESPath; quoted where a name is no identifier."""
    parts = []
    for name, _many in steps:
        if plain_path(name):
            parts.append(name)
        elif "\\" in name or "`" in name:
            return None
        else:
            parts.append(f'"{name}"')
    return ".".join(parts)
