"""Validates documents against their type's JSON Schema 2020-12, in microseconds.

`jsonschema-rs` finds the problems (about 250 times faster than `jsonschema`, which the tests use as
the oracle); the sentences are ours. Nothing is fetched: a schema refers to itself only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from odoo.addons.interop_base.lib.failures import DataError

from . import gs1
from .fields import Field, SchemaError, walk_fields
from .plain import NotPlain, require_plain
from .problems import Problem, expected, make_problem

MAX_PROBLEMS = 20

# Checked beside the formats of the standard. Any other format is a mistake in the schema.
FORMATS: dict[str, Callable[..., bool]] = {
    "gtin": gs1.is_gtin,
    "gln": gs1.is_gln,
    "sscc": gs1.is_sscc,
    "udi-di": gs1.is_udi_di,
}

_HIDDEN = "…"

# The way to a place in the document, and what is wrong there.
Finding = tuple[Sequence[str | int], str]


class Validator:
    """One compiled schema. Safe to share between threads; costs nothing to call."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.fields = walk_fields(schema)
        self._ranks = {field.path.rstrip("[]"): rank for rank, field in enumerate(self.fields)}
        self._unique = tuple(_unique_rules(self.fields))
        self._rules = compile_rules(schema)

    def problems(self, body: Any, limit: int = MAX_PROBLEMS, plain: bool = False) -> list[Problem]:
        """What is wrong with `body`: the first `limit` findings in document order, or none.

        `plain`: it is known to be plain JSON (see `Document.plain`).
        """
        try:
            if not plain:
                require_plain(body)
            found = self._repeated(body) if self._rules.is_valid(body) else self._broken(body)
        except NotPlain as problem:
            found = iter([(problem.steps, problem.reason)])
        # Length, pattern and format of one text say the same thing: once is enough.
        distinct = {(tuple(steps), what): None for steps, what in found}
        first = sorted(distinct, key=lambda finding: self._position(finding[0]))[:limit]
        return [make_problem(self.schema, steps, what) for steps, what in first]

    def is_valid(self, body: Any) -> bool:
        return not self.problems(body, limit=1)

    def check(self, body: Any, plain: bool = False) -> None:
        """Return if `body` is valid, else raise `DataError` with its problems."""
        found = self.problems(body, plain=plain)
        if found:
            more = "" if len(found) == 1 else f" (and {len(found) - 1} more)"
            raise DataError(f"{found[0].sentence}{more}", problems=found)

    def _broken(self, body: Any) -> Iterator[Finding]:
        """The rules of JSON Schema that are broken."""
        for error in self._rules.iter_errors(body):
            steps = list(error.instance_path)
            match error.kind:
                case jsonschema_rs.ValidationErrorKind.Required(property=name):
                    yield [*steps, name], "is missing"
                case (
                    jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names)
                    | jsonschema_rs.ValidationErrorKind.UnevaluatedProperties(unexpected=names)
                ):
                    for name in names:
                        yield [*steps, name], "is not a field of this document type"
                case kind:
                    node = _node(self.schema, error.schema_path)
                    yield steps, expected(kind.name, node.get(kind.name), node, self.schema)

    def _repeated(self, body: Any) -> Iterator[Finding]:
        """Entries of lists that are not unique, in a document that is valid otherwise."""
        for where, name in self._unique:
            for steps, entries in _lists(body, where, []):
                seen: set[Any] = set()
                for place, entry in enumerate(entries):
                    value = entry.get(name)
                    if value is not None and value in seen:
                        yield [*steps, place, name], "must not repeat that of another entry"
                    seen.add(value)

    def _position(self, steps: Sequence[str | int]) -> list[int]:
        """Where in the document a place is, as something to sort by."""
        position, path = [], ""
        for step in steps:
            if isinstance(step, int):
                position.append(step)
                path += "[]"
            else:
                path = f"{path}.{step}" if path else step
                position.append(self._ranks.get(path, len(self._ranks)))
        return position


def compile_schema(schema: dict[str, Any]) -> Validator:
    """A validator for `schema`; raises `SchemaError` if the schema itself cannot be used.

    Beyond JSON Schema two keywords of our own are understood: `x-unique-by` on a list of groups
    names the member that must differ from entry to entry, and `x-expects` on a text says in words
    what its pattern or format asks for.
    """
    return Validator(schema)


def compile_rules(schema: dict[str, Any] | bool) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            formats=FORMATS,
            validate_formats=True,
            ignore_unknown_formats=False,
            offline=True,
            mask=_HIDDEN,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=1_000_000),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as problem:
        raise SchemaError(f"The JSON Schema is not usable: {problem}") from problem


def _node(schema: Mapping[str, Any], path: list[str | int]) -> Mapping[str, Any]:
    """The part of the schema that holds the keyword at the end of `path`."""
    node: Any = schema
    for step in path[:-1]:
        node = node[step]
    return node if isinstance(node, Mapping) else {}


def _unique_rules(fields: tuple[Field, ...]) -> Iterator[tuple[str, str]]:
    """(path of the list, name of the member) of every `x-unique-by`."""
    leaves = {field.path for field in fields if field.is_leaf}
    for field in fields:
        if field.unique_by:
            if field.type != "list" or f"{field.path}.{field.unique_by}" not in leaves:
                raise SchemaError(f"{field.path}: x-unique-by must name a member of a list.")
            yield field.path, field.unique_by


def _lists(value: Any, where: str, steps: list[Any]) -> Iterator[tuple[list[Any], list[Any]]]:
    """The lists at `where` (`a.b[].c[]`) of a valid document, with the way to each."""
    if not where:
        return
    step, _dot, rest = where.partition(".")
    name = step.removesuffix("[]")
    inner = value.get(name)
    if inner is None:
        return
    here = [*steps, name]
    if not rest:
        yield here, inner
    elif step.endswith("[]"):
        for place, entry in enumerate(inner):
            yield from _lists(entry, rest, [*here, place])
    else:
        yield from _lists(inner, rest, here)
