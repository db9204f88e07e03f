"""A JSON value as lines that people read: every value by itself, or every kind of place once.

Bounded whatever comes: so many lines, so many characters of a value. Names that no path can be
written for have lines too, with no path.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from .paths import PathError, parse_target, write_target

MAX_LINES = 2_000
MAX_SHOWN = 120
MAX_ENTRIES = 200
MAX_DEPTH = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One name with what stands there."""

    path: str
    """The kind of place: `lines[].item.gtin`. Empty if a mapping cannot name it."""
    place: str
    """The place itself: `lines[2].item.gtin`; the same as `path` in :func:`places_of`."""
    name: str
    depth: int
    kind: str
    """`text`, `number`, `yes or no`, `nothing`, `group`, `list`."""
    value: str = ""
    """Of a list: how many entries it has, in words."""
    opens: bool = False
    """It is a list of groups: each of its entries can become one."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Outline:
    lines: tuple[Line, ...]
    more: bool
    """There were more lines than may be shown."""


def outline_of(body: dict[str, Any]) -> Outline:
    """Every value of `body`, entry by entry."""
    return _bounded(_lines(body, "", "", 0))


def places_of(body: dict[str, Any]) -> Outline:
    """Every kind of place once: lists as one entry that has what any of theirs has."""
    return _bounded(_places([body], "", 0))


def _bounded(lines: Iterator[Line]) -> Outline:
    found: list[Line] = []
    for line in lines:
        if len(found) == MAX_LINES:
            return Outline(tuple(found), True)
        found.append(line)
    return Outline(tuple(found), False)


def _lines(value: dict[str, Any], path: str, place: str, depth: int) -> Iterator[Line]:
    for name, inner in value.items():
        here = f"{place}.{name}" if place else name
        yield from _line(inner, name, _below(path, name, depth), here, depth)


def _line(value: Any, name: str, path: str, place: str, depth: int) -> Iterator[Line]:
    if depth > MAX_DEPTH:
        return
    if type(value) is dict:
        yield Line(path, place, name, depth, "group")
        yield from _lines(value, path, place, depth + 1)
    elif type(value) is list:
        opens = any(type(entry) is dict for entry in value)
        yield Line(_list(path), place, name, depth, "list", _entries(len(value)), opens)
        for number, entry in enumerate(value):
            where = f"{place}[{number}]"
            yield from _line(entry, str(number + 1), _list(path), where, depth + 1)
    else:
        yield Line(path, place, name, depth, kind_word(value), shown(value))


def _places(values: list[dict[str, Any]], path: str, depth: int) -> Iterator[Line]:
    if depth > MAX_DEPTH:
        return
    names = list(dict.fromkeys(name for value in values for name in value))
    for name in names:
        found = [value[name] for value in values if name in value]
        first = next((each for each in found if each is not None), None)
        here = _below(path, name, depth)
        groups = [each for each in found if type(each) is dict]
        lists = [each for each in found if type(each) is list]
        if groups:
            yield Line(here, here, name, depth, "group")
            yield from _places(groups[:MAX_ENTRIES], here, depth + 1)
        elif lists:
            entries = [entry for each in lists for entry in each[:MAX_ENTRIES]][:MAX_ENTRIES]
            inner = [entry for entry in entries if type(entry) is dict]
            told = _entries(len(lists[0]))
            if entries and not inner:
                told = f"{told}: {shown(entries[0])}"
            here = _list(here)
            yield Line(here, here, name, depth, "list", told, bool(inner))
            yield from _places(inner, here, depth + 1)
        else:
            yield Line(here, here, name, depth, kind_word(first), shown(first))


def _below(path: str, name: str, depth: int) -> str:
    """The path of a name below another; empty if it, or what is around it, has none."""
    if depth and not path:
        return ""
    if '"' in name or "\\" in name or "`" in name:
        return ""
    try:
        here = write_target(((name, False),))
        whole = f"{path}.{here}" if path else here
        parse_target(whole)
    except PathError:
        return ""
    return whole


def _list(path: str) -> str:
    """Of lists in lists only the outer one can be named."""
    return f"{path}[]" if path and not path.endswith("[]") else ""


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def kind_word(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes or no"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "group"


def shown(value: Any) -> str:
    """A value as JSON writes it, cut to what fits a line."""
    if type(value) is str:
        value = value[: MAX_SHOWN + 1]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
