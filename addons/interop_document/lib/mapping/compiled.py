"""Rows made into functions: from a document to the partner's shape, or back.

A target that ends in `[]` opens a list: `each` says of what, and the rows below it (`Lines[].Sku`)
are evaluated for every item. In them a source looks at the item; with `^.` before it at what is
around the item, with `/` before it at the whole document. All else is JMESPath.

What is missing and what is null are the same: nothing, and the row puts nothing (or its default).
An empty text, an empty list and false are values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_base.lib.registry import UnknownCode

from ..lookup import IN, OUT, Lookup, Unmapped, UnmappedCodes
from .expression import Expression, ExpressionError, compile_expression
from .functions import CONVERTERS, ConvertError, kind_of
from .paths import PathError, parse_target
from .registry import MAPPERS
from .rows import Row, row_of

MAX_ROWS = 500
MAX_ITEMS = 5_000
MAX_VALUES = 200_000
MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class MapProblem:
    """What is wrong in one row. Never the value."""

    row: int
    """Counted from 1; 0 if it is about the mapping as a whole."""
    target: str
    reason: str

    @property
    def sentence(self) -> str:
        where = f"Row {self.row} ({self.target})" if self.row else "The mapping"
        return f"{where}: {self.reason}"


class MappingError(DataError):
    """A document that does not fit a mapping, or a mapping that cannot be used."""

    def __init__(self, found: Sequence[MapProblem]) -> None:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        super().__init__(f"{found[0].sentence}{more}.", problems=found)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the rows that fit have made, and what is wrong with the others."""

    made: dict[str, Any] = field(repr=False)
    problems: tuple[MapProblem, ...]
    missing: tuple[Unmapped, ...]


@dataclass(slots=True)
class _Run:
    """One document on its way."""

    root: Any
    lookup: Lookup
    problems: list[MapProblem] = field(default_factory=list)
    missing: list[Unmapped] = field(default_factory=list)
    values: int = 0


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a row looks at: an item, and what is around it."""

    here: Any
    around: _Scope | None = None


_Read = Callable[[_Run, _Scope], Any]
_Put = Callable[[_Run, _Scope, dict[str, Any]], None]


class RowMapper:
    """A compiled mapping. Immutable, safe to share between threads."""

    __slots__ = ("_puts", "rows", "way")

    def __init__(self, rows: Sequence[Row], way: str) -> None:
        if len(rows) > MAX_ROWS:
            raise MappingError([MapProblem(0, "", f"it has more than {MAX_ROWS} rows")])
        self.rows = tuple(rows)
        self.way = way
        self._puts = tuple(_compile(self.rows, way))

    def __call__(self, body: dict[str, Any], lookup: Lookup) -> dict[str, Any]:
        """Raises `MappingError` for what does not fit, else `UnmappedCodes` for unknown codes."""
        tried = self.attempt(body, lookup)
        if tried.problems:
            raise MappingError(tried.problems)
        if tried.missing:
            raise UnmappedCodes(_sentence(tried.missing), tried.missing)
        return tried.made

    def attempt(self, body: dict[str, Any], lookup: Lookup) -> Attempt:
        """As far as it gets: for people who are still at it. Nothing of it may travel."""
        run = _Run(body, lookup)
        made: dict[str, Any] = {}
        scope = _Scope(body)
        for put in self._puts:
            put(run, scope, made)
        return Attempt(made, tuple(run.problems[:MAX_PROBLEMS]), tuple(run.missing))


def compile_mapping(snapshot: Mapping[str, Any]) -> RowMapper:
    """The mapper of a mapping's snapshot; raises `MappingError` that names the row."""
    way = IN if snapshot.get("direction") == "in" else OUT
    return RowMapper([row_of(given) for given in snapshot.get("rows", ())], way)


MAPPERS.register("rows", compile_mapping)


def _sentence(missing: Sequence[Unmapped]) -> str:
    places = list(dict.fromkeys(f"{each.path} ({each.crosswalk})" for each in missing))
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return (
        f"There are codes that are not mapped yet: {', '.join(places[:5])}{more}. Map them, and "
        "the message runs again."
    )


# -- from rows to functions ----------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """A list that is being made: its steps from the group around it, and what fills its items."""

    number: int
    row: Row
    steps: tuple[tuple[str, bool], ...]
    depth: int
    puts: list[_Put] = field(default_factory=list)


def _compile(rows: tuple[Row, ...], way: str) -> list[_Put]:
    top: list[_Put] = []
    groups: dict[tuple[tuple[str, bool], ...], _Group] = {}
    taken: dict[tuple[tuple[str, bool], ...], int] = {}
    problems: list[MapProblem] = []
    for number, row in enumerate(rows, 1):
        try:
            steps = parse_target(row.target)
            if steps in taken:
                raise PathError("another row puts a value there")
            taken[steps] = number
            around = _around(groups, steps)
            puts = groups[around].puts if around else top
            depth = groups[around].depth if around else 0
            local = steps[len(around) :]
            if local[-1][1]:
                if not row.each:
                    raise PathError("a list needs to be told of what it is: fill in “for each”")
                group = _Group(number, row, steps, depth + 1)
                groups[steps] = group
                puts.append(_list(number, row, [name for name, _many in local], group, depth))
            else:
                puts.append(_value(number, row, [name for name, _many in local], depth, way))
        except (ExpressionError, PathError, ConvertError) as problem:
            reason = getattr(problem, "sentence", str(problem)).rstrip(".")
            problems.append(MapProblem(number, row.target[:80], _small(reason)))
        except UnknownCode:
            problems.append(MapProblem(number, row.target[:80], "there is no such converter"))
    for steps, number in taken.items():
        # A group that came from the document is not ours to change.
        if any(
            steps[:place] in taken and not steps[place - 1][1] for place in range(1, len(steps))
        ):
            target = rows[number - 1].target[:80]
            problems.append(MapProblem(number, target, "another row puts a value around it"))
    if problems:
        raise MappingError(problems)
    return top


def _around(
    groups: Mapping[tuple[tuple[str, bool], ...], _Group], steps: tuple[tuple[str, bool], ...]
) -> tuple[tuple[str, bool], ...]:
    """The innermost list that a target stands in; it must have been opened by a row before."""
    lists = [place for place, (_name, many) in enumerate(steps[:-1], 1) if many]
    if not lists:
        return ()
    inner = steps[: lists[-1]]
    if inner not in groups:
        raise PathError("no row above opens the list that it stands in")
    return inner


def _source(text: str, depth: int) -> _Read:
    text = text.strip()
    if text.startswith("/"):
        rest = text[1:].strip()
        if not rest:
            return lambda run, scope: run.root
        whole = compile_expression(rest)
        return lambda run, scope: whole(run.root)
    up = 0
    while text.startswith("^"):
        up += 1
        text = text[1:].lstrip(".").strip()
    if up > depth:
        raise ExpressionError("There is nothing around this place to look at.")
    if text in ("", "@"):
        read: Expression = _itself
    else:
        read = compile_expression(text)
    if not up:
        return lambda run, scope: read(scope.here)

    def look(run: _Run, scope: _Scope) -> Any:
        for _step in range(up):
            assert scope.around is not None
            scope = scope.around
        return read(scope.here)

    return look


def _itself(value: Any) -> Any:
    return value


def _list(number: int, row: Row, names: list[str], group: _Group, depth: int) -> _Put:
    each = _source(row.each, depth)
    when = _source(row.when, depth) if row.when else None
    place = _placer(names)

    def put(run: _Run, scope: _Scope, made: dict[str, Any]) -> None:
        try:
            if when is not None and not when(run, scope):
                return
            items = each(run, scope)
        except ExpressionError as problem:
            _note(run, number, row, problem.sentence)
            return
        if items is None:
            if row.required:
                _note(run, number, row, "is required, and there is nothing")
            return
        if type(items) is not list:
            _note(run, number, row, f"a list is needed, and there is {kind_of(items)}")
            return
        if len(items) > MAX_ITEMS:
            _note(run, number, row, f"the list has more than {MAX_ITEMS} entries")
            return
        entries: list[dict[str, Any]] = []
        for item in items:
            entry: dict[str, Any] = {}
            inner = _Scope(item, scope)
            for fill in group.puts:
                fill(run, inner, entry)
            entries.append(entry)
        _place(run, place, made, entries)

    return put


def _value(number: int, row: Row, names: list[str], depth: int, way: str) -> _Put:
    _require_whole(row)
    read = _source(row.source, depth) if row.source else None
    when = _source(row.when, depth) if row.when else None
    convert = CONVERTERS.get(row.converter).bind(row.arguments) if row.converter else None
    place = _placer(names)
    constant, default = row.constant, row.default
    translated = bool(row.crosswalk)

    def put(run: _Run, scope: _Scope, made: dict[str, Any]) -> None:
        try:
            if when is not None and not when(run, scope):
                return
            value = constant if read is None else read(run, scope)
            if value is not None and convert is not None:
                value = convert(value)
        except (ExpressionError, ConvertError) as problem:
            _note(run, number, row, getattr(problem, "sentence", str(problem)))
            return
        if value is None:
            value = default
            if value is None:
                if row.required:
                    _note(run, number, row, "is required, and there is nothing")
                return
        elif translated:
            value = _code(run, number, row, way, value)
            if value is None:
                return
        _place(run, place, made, value)

    return put


def _require_whole(row: Row) -> None:
    if row.source and row.constant is not None:
        raise PathError("a row has a source or a constant, not both")
    if not row.source and row.constant is None and row.default is None:
        raise PathError("a row needs a source, a constant or a default")
    if row.arguments and not row.converter:
        raise ConvertError("arguments are for a converter, and there is none")


def _code(run: _Run, number: int, row: Row, way: str, value: Any) -> str | None:
    """The other side's code; None if there is none, which is noted."""
    if type(value) not in (str, int):
        _note(run, number, row, f"a code is needed, and there is {kind_of(value)}")
        return None
    found = run.lookup(row.crosswalk, str(value), way)
    if found is None:
        run.missing.append(Unmapped(row.crosswalk, way, str(value), row.target))
    return found


_Place = Callable[[dict[str, Any], Any], None]


def _placer(names: list[str]) -> _Place:
    """Puts a value at the end of some names."""
    *groups, last = names
    if not groups:

        def put_here(made: dict[str, Any], value: Any) -> None:
            made[last] = value

        return put_here

    def put_below(made: dict[str, Any], value: Any) -> None:
        for name in groups:
            made = made.setdefault(name, {})
        made[last] = value

    return put_below


def _place(run: _Run, place: _Place, made: dict[str, Any], value: Any) -> None:
    run.values += 1
    if run.values > MAX_VALUES:
        raise MappingError([MapProblem(0, "", f"it puts out more than {MAX_VALUES} values")])
    place(made, value)


def _note(run: _Run, number: int, row: Row, reason: str) -> None:
    if len(run.problems) < MAX_PROBLEMS:
        run.problems.append(MapProblem(number, row.target, _small(reason.rstrip("."))))


def _small(reason: str) -> str:
    return reason[:1].lower() + reason[1:] if reason else reason
