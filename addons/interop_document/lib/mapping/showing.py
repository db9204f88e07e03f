"""What an editor shows beside each line of a source and of a result, as plain JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..fields import Field
from ..problems import Problem
from .functions import CONVERTERS
from .inverse import Lost
from .outline import Line, outline_of, places_of
from .paths import write_target
from .rows import Row
from .uses import steps_of, uses_of

Decided = Mapping[str, Mapping[str, str]]
"""By path of the document: `label` and `css` of what a policy decided."""


class Shown:
    """A document type, the rows of a mapping, and what they take of each other."""

    def __init__(
        self, fields: Sequence[Field], rows: Sequence[Row], direction: str, decisions: Decided
    ) -> None:
        self.fields = fields
        self.rows = rows
        self.is_out = direction == "out"
        self.decisions = decisions
        self.uses = uses_of(rows)
        self.known = {_bare(field.path): field for field in fields}
        self.targets: dict[str, int] = {}
        for number, row in enumerate(rows, 1):
            steps = steps_of(row.target)
            if steps:
                self.targets.setdefault(_bare(write_target(steps)), number)
        self._taken = {
            _bare(path): number for number, paths in self.uses.taken.items() for path in paths
        }
        self._opened = {_bare(path) for path in self.uses.opened}

    def taken_by(self, path: str) -> int:
        """The row that takes a place or what is around it; 0 if none does."""
        path = _bare(path)
        while path:
            if path in self._taken:
                return self._taken[path]
            path = _bare(path.rpartition(".")[0])
        return 0

    def is_opened(self, path: str) -> bool:
        return _bare(path) in self._opened

    def decision(self, path: str) -> Mapping[str, str] | None:
        return next(
            (found for written in (path, _bare(path), f"{_bare(path)}[]")
             if (found := self.decisions.get(written))),
            None,
        )  # fmt: skip

    def by_row(self) -> list[dict[str, Any]]:
        """What a policy decided about what each row takes or fills."""
        found = []
        for number, row in enumerate(self.rows, 1):
            paths = self.uses.taken.get(number, ()) if self.is_out else [row.target]
            for path in sorted(paths):
                decided = self.decision(path)
                if decided:
                    found.append({"row": number, "path": path, **decided})
        return found


def _bare(path: str) -> str:
    return path.removesuffix("[]")


def _words(field: Field | None) -> dict[str, Any]:
    if field is None:
        return {"title": "", "sensitivity": "", "required": False, "description": ""}
    return {
        "title": field.title,
        "sensitivity": field.sensitivity.name,
        "required": field.required,
        "description": field.description,
    }


def places_shown(shown: Shown, body: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The source: the document type's fields with what the sample has, or the sample alone."""
    sample = places_of(body).lines if body else ()
    if not shown.is_out:
        return [_place(shown, line, None, True) for line in sample]
    values = {_bare(line.path): line for line in sample if line.path}
    listed = []
    for field in shown.fields:
        line = values.pop(_bare(field.path), None)
        listed.append(_place(shown, _line_of(field, line), field, line is not None))
    strangers = [line for line in sample if _bare(line.path) not in shown.known]
    return listed + [_place(shown, line, None, True) for line in strangers]


def _line_of(field: Field, line: Line | None) -> Line:
    opens = field.type == "list" and not field.is_leaf
    kind = field.type if not field.is_leaf else field.kind
    value = line.value if line else ""
    return Line(field.path, field.path, field.name, field.depth, kind, value, opens)


def _place(shown: Shown, line: Line, field: Field | None, present: bool) -> dict[str, Any]:
    leaf = line.kind != "group" and not line.opens
    row = shown.taken_by(line.path) if line.path else 0
    return (
        line.as_json()
        | _words(field)
        | {
            "leaf": leaf,
            "present": present,
            "row": row,
            "used": bool(row) or shown.is_opened(line.path),
            "decision": (shown.decision(line.path) if leaf and shown.is_out else None) or False,
        }
    )


def targets_shown(shown: Shown, wanted: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Where values may go: the document type's fields, or what the partner's sample has."""
    listed = []
    if shown.is_out:
        for line in places_of(wanted).lines if wanted else ():
            if line.path and line.kind != "group":
                row = shown.targets.get(_bare(line.path), 0)
                listed.append(
                    {"path": line.path, "opens": line.opens, "kind": line.kind, "row": row}
                    | _words(None)
                )
        return listed
    needed = {""}
    for field in shown.fields:
        # What is required in a group that is not is needed only with it.
        around = _bare(field.path).rpartition(".")[0]
        if field.required and _bare(around) in needed:
            needed.add(_bare(field.path))
        opens = field.type == "list" and not field.is_leaf
        if field.is_leaf or opens:
            row = shown.targets.get(_bare(field.path), 0)
            path = field.path if opens else _bare(field.path)
            kind = field.kind if field.is_leaf else "list"
            listed.append(
                {"path": path, "opens": opens, "kind": kind, "row": row}
                | _words(field)
                | {"required": _bare(field.path) in needed}
            )
    return listed


def lines_shown(
    shown: Shown, made: dict[str, Any], problems: Iterable[Problem], lost: Iterable[Lost]
) -> dict[str, Any]:
    """The result line by line, with what is wrong, what does not come back, what was decided."""
    outline = outline_of(made)
    lossy = {each.row: each.reason for each in lost}
    places = {line.place for line in outline.lines}
    wrong: dict[str, list[str]] = {}
    for problem in problems:
        wrong.setdefault(_nearest(problem.path, places), []).append(problem.sentence)
    listed = []
    for line in outline.lines:
        row = shown.targets.get(_bare(line.path), 0) if line.path else 0
        if shown.is_out:
            taken = shown.uses.taken.get(row, ()) if row else ()
            decided = next((found for path in taken if (found := shown.decision(path))), None)
        else:
            decided = shown.decision(line.path)
        listed.append(
            line.as_json()
            | {
                "row": row,
                "problems": wrong.get(line.place, []),
                "lost": lossy.get(row, ""),
                "decision": decided or False,
            }
        )
    return {"lines": listed, "more": outline.more, "problems": wrong.get("", [])}


def _nearest(path: str, places: set[str]) -> str:
    """The line where a problem is told: its own, or that around it; empty for the whole."""
    while path and path not in places:
        path = re.sub(r"(?:\.[^.\[\]]*|\[[0-9]+\]|^[^.\[\]]*)$", "", path)
    return path


def converters_shown() -> list[dict[str, Any]]:
    """What a row may do with a value, with all that a form for its arguments needs."""
    return [
        {
            "code": code,
            "label": each.label,
            "description": each.description,
            "parameters": [
                {
                    "name": parameter.name,
                    "kind": parameter.kind.__name__,
                    "default": parameter.default,
                    "required": parameter.is_required,
                }
                for parameter in each.parameters
            ],
        }
        for code, each in CONVERTERS
    ]
