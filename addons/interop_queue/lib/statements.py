"""The queue's SQL by name, read once from the files in ``sql/``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)(?: \(planned once\))?$", re.MULTILINE)
_PLANNED = re.compile(r"^-- name: (\w+) \(planned once\)$", re.MULTILINE)
_FRAGMENT = re.compile(r"\{\{(\w+)\}\}")
_COMMENT = re.compile(r"--[^\n]*")
_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Planned:
    """A statement that a connection plans once and then executes by name (PREPARE, EXECUTE)."""

    prepare: str
    execute: str
    """With the parameters of the statement itself."""


def parse(text: str) -> dict[str, str]:
    """Split a file of ``-- name: x`` sections.

    >>> parse("-- name: one\\nSELECT 1\\n\\n-- name: two (planned once)\\nSELECT 2\\n")
    {'one': 'SELECT 1', 'two': 'SELECT 2'}
    """
    parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def filled(texts: dict[str, str]) -> dict[str, str]:
    """Put fragments in their places: ``{{x}}`` stands for the section ``x``.

    What several statements must say alike is said once.

    >>> filled({"open": "'ready', 'dead'", "some": "state IN ({{open}})"})["some"]
    "state IN ('ready', 'dead')"
    """

    def fill(text: str) -> str:
        return _FRAGMENT.sub(lambda found: fill(texts[found.group(1)]), text)

    return {name: fill(text) for name, text in texts.items()}


def plan(name: str, text: str) -> Planned:
    """How the statement ``text`` is planned once under the name of ``name``.

    What stands before the last semicolon is a setting for the transaction, and is sent along.

    >>> one = plan("one", "SET LOCAL jit = off;\\nSELECT %(b)s::int -- b\\n, %(a)s, %(b)s::int")
    >>> one.prepare
    'PREPARE interop_one AS /* interop one */ SELECT $1::int , $2, $1::int'
    >>> one.execute
    '/* interop one */ SET LOCAL jit = off; EXECUTE interop_one (%(b)s, %(a)s)'
    """
    bare = " ".join(_COMMENT.sub("", text).split())
    *before, statement_ = bare.split("; ")
    names = list(dict.fromkeys(_PARAMETER.findall(statement_)))
    numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement_)
    given = ", ".join(f"%({parameter})s" for parameter in names)
    settings = "".join(f"{each}; " for each in before)
    return Planned(
        prepare=f"PREPARE interop_{name} AS /* interop {name} */ {numbered}",
        execute=f"/* interop {name} */ {settings}EXECUTE interop_{name}"
        + (f" ({given})" if given else ""),
    )


def _files() -> Iterator[tuple[str, str]]:
    for path in sorted((Path(__file__).parent.parent / "sql").glob("*.sql")):
        yield path.name, path.read_text(encoding="utf-8")


@cache
def _all() -> dict[str, str]:
    texts: dict[str, str] = {}
    for file, text in _files():
        found = parse(text)
        if twice := texts.keys() & found.keys():
            raise ValueError(f"{file}: named twice: {', '.join(sorted(twice))}")
        texts |= found
    return filled(texts)


@cache
def _planned_once() -> dict[str, Planned]:
    names = [name for _file, text in _files() for name in _PLANNED.findall(text)]
    return {name: plan(name, _all()[name]) for name in names}


def statement(name: str) -> str:
    """Return the statement ``name``; its comments travel along, so a slow query log names it."""
    return f"/* interop {name} */ {_all()[name]}"


def planned_once(name: str) -> Planned | None:
    """How ``name`` is planned once per connection; None if that is not worth it."""
    return _planned_once().get(name)
