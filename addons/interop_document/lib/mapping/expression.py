"""JMESPath within bounds: where the value of a mapping's row comes from.

The language is JMESPath (https://jmespath.org/specification.html). Most sources are plain paths
(`supplier.name`) and are followed without it. What a person could write to fill the memory is
bounded while it runs: lists, texts, steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jmespath import exceptions, functions, parser, visitor  # type: ignore[import-untyped]

from odoo.addons.interop_base.lib.failures import DataError

LONGEST = 1000
MAX_ITEMS = 20_000
MAX_TEXT = 200_000
MAX_STEPS = 200_000
MAX_VALUES = 50_000
MAX_DEPTH = 64

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")

Expression = Callable[[Any], Any]


class ExpressionError(DataError):
    """An expression that cannot be used, or that asked for too much; never tells a value."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


def plain_path(text: str) -> tuple[str, ...] | None:
    """The members that a plain path goes through; None if it is more than that.

    >>> plain_path("supplier.name"), plain_path("lines[0].gtin")
    (('supplier', 'name'), None)
    """
    return tuple(text.split(".")) if _PLAIN.fullmatch(text) else None


def compile_expression(text: str) -> Expression:
    """A function from a JSON value to what `text` finds in it; None if that is nothing.

    Raises `ExpressionError` for what is no JMESPath. The function raises it for what is too much.
    """
    text = text.strip()
    if not text:
        raise ExpressionError("The expression is empty.")
    if len(text) > LONGEST:
        raise ExpressionError(f"The expression is longer than {LONGEST} characters.")
    names = plain_path(text)
    if names is not None:
        return _follow(names)
    parsed = parse_expression(text)
    _check_functions(parsed)

    def evaluate(value: Any) -> Any:
        try:
            found = _Bounded().visit(parsed, value)
        except ExpressionError:
            raise
        except exceptions.JMESPathTypeError as problem:
            raise ExpressionError(
                f"The function {problem.function_name} is given something it cannot use."
            ) from None
        except exceptions.JMESPathError:
            raise ExpressionError("The expression does not fit the document.") from None
        except RecursionError:
            raise ExpressionError("The expression is nested too deeply.") from None
        require_bounded(found)
        return found

    return evaluate


def names_in(text: str) -> frozenset[str] | None:
    """The members that an expression names; None if it can reach members that it does not name.

    >>> sorted(names_in("join(' ', [zip, city.name])")), names_in("values(@)")
    (['city', 'name', 'zip'], None)
    """
    names: set[str] = set()
    left = [parse_expression(text)]
    while left:
        node = left.pop()
        if node["type"] in ("current", "value_projection"):
            return None
        if node["type"] == "field":
            names.add(node["value"])
        left += [child for child in node["children"] if isinstance(child, dict)]
    return frozenset(names)


def parse_expression(text: str) -> dict[str, Any]:
    """The syntax tree of `text`; raises `ExpressionError` for what is no JMESPath."""
    if len(text) > LONGEST:
        raise ExpressionError(f"The expression is longer than {LONGEST} characters.")
    try:
        tree: dict[str, Any] = parser.Parser().parse(text).parsed
    except exceptions.LexerError as problem:
        raise ExpressionError(
            f"The expression cannot be read at character {problem.lexer_position + 1}."
        ) from None
    except exceptions.ParseError as problem:
        place = getattr(problem, "lex_position", None)
        where = f" at character {place + 1}" if isinstance(place, int) and place >= 0 else ""
        raise ExpressionError(f"The expression cannot be read{where}.") from None
    except exceptions.JMESPathError:
        raise ExpressionError("The expression cannot be read.") from None
    except RecursionError:
        raise ExpressionError("The expression is nested too deeply.") from None
    return tree


def require_bounded(value: Any) -> None:
    """Raises `ExpressionError` if `value` has more than :data:`MAX_VALUES` values in it.

    Counted as they would be written: what stands in it twice counts twice.
    """
    left = MAX_VALUES
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > MAX_DEPTH:
            raise ExpressionError("The expression finds more than a mapping may put out.")
        kind = type(each)
        if kind is list:
            if len(each) > left:
                raise ExpressionError("The expression finds more than a mapping may put out.")
            waiting += [(inner, depth + 1) for inner in each]
        elif kind is dict:
            waiting += [(inner, depth + 1) for inner in each.values()]


def _follow(names: tuple[str, ...]) -> Expression:
    if len(names) == 1:
        [only] = names
        return lambda value: value.get(only) if type(value) is dict else None

    def follow(value: Any) -> Any:
        for name in names:
            if type(value) is not dict:
                return None
            value = value.get(name)
        return value

    return follow


# `to_string` writes whole structures, and those may refer to one value any number of times.
_FORBIDDEN = frozenset({"to_string"})


def _check_functions(node: dict[str, Any]) -> None:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each["type"] == "function_expression":
            name = each["value"]
            if name in _FORBIDDEN or name not in _Functions.FUNCTION_TABLE:
                raise ExpressionError(
                    f"There is no function {name}; use a converter of the row instead."
                    if name.isidentifier() and len(name) <= 40
                    else "There is no such function."
                )
        waiting += [child for child in each.get("children", ()) if isinstance(child, dict)]


class _Functions(functions.Functions):  # type: ignore[misc]
    """The standard's functions; those that make texts look first how long they become."""

    @functions.signature(  # type: ignore[untyped-decorator]
        {"types": ["string"]}, {"types": ["array-string"]}
    )
    def _func_join(self, separator: str, texts: list[str]) -> str:
        if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT:
            raise ExpressionError("A text would become longer than a mapping may put out.")
        return separator.join(texts)


class _Bounded(visitor.TreeInterpreter):  # type: ignore[misc]
    """One evaluation. Results are looked at as they come into being, not at the end."""

    def __init__(self) -> None:
        super().__init__(visitor.Options(custom_functions=_Functions()))
        self._steps = MAX_STEPS

    def visit(self, node: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._steps -= 1
        if self._steps < 0:
            raise ExpressionError("The expression takes more steps than a mapping may.")
        found = super().visit(node, *args, **kwargs)
        if type(found) is list and len(found) > MAX_ITEMS:
            raise ExpressionError("The expression finds more than a mapping may put out.")
        return found
