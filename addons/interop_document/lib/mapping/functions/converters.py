"""The registry of converters and what each of them is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_origin

from odoo.addons.interop_base.lib.registry import Registry


class ConvertError(ValueError):
    """A value that a converter cannot convert; the text says what it wants, never what it got."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A fixed argument of a converter."""

    name: str
    kind: type
    default: Any
    is_required: bool


Inverse = Callable[[Mapping[str, Any]], tuple[str, dict[str, Any]] | None]


@dataclass(frozen=True, slots=True)
class Converter:
    """One function of the library."""

    code: str
    label: str
    description: str
    """The function's own words, shown to people who map."""
    call: Callable[..., Any] = field(repr=False)
    parameters: tuple[Parameter, ...] = ()
    inverse: Inverse | None = field(default=None, repr=False)
    """From its arguments to the code and arguments of the way back; None if there is none."""

    def bind(self, arguments: Mapping[str, Any]) -> Callable[[Any], Any]:
        """The function of the value alone. Raises `ConvertError` for arguments that do not fit."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in arguments.items():
            parameter = known.get(name)
            if parameter is None:
                names = ", ".join(known) or "none"
                raise ConvertError(f"{self.code} has no argument {_shown(name)}. Known: {names}.")
            if not _fits(value, parameter.kind):
                raise ConvertError(f"{self.code}: {name} must be {_words(parameter.kind)}.")
        missing = [p.name for p in self.parameters if p.is_required and p.name not in arguments]
        if missing:
            raise ConvertError(f"{self.code} needs {', '.join(missing)}.")
        call, fixed = self.call, dict(arguments)
        return (lambda value: call(value, **fixed)) if fixed else call


CONVERTERS: Registry[Converter] = Registry("converter")


F = TypeVar("F", bound=Callable[..., Any])


def converter(label: str, inverse: Inverse | None = None) -> Callable[[F], F]:
    """Register a function under its own name; its signature and docstring are what people see."""

    def register(function: F) -> F:
        code = function.__name__.rstrip("_")
        _value, *others = inspect.signature(function, eval_str=True).parameters.values()
        parameters = tuple(
            Parameter(
                each.name,
                get_origin(each.annotation) or each.annotation,
                None if each.default is each.empty else each.default,
                each.default is each.empty,
            )
            for each in others
        )
        text = inspect.getdoc(function) or ""
        CONVERTERS.register(code, Converter(code, label, text, function, parameters, inverse))
        return function

    return register


def kind_of(value: Any) -> str:
    """What a value is, in words that do not tell it.

    >>> kind_of("x"), kind_of([1, 2]), kind_of(None), kind_of(True)
    ('text', 'list of 2', 'nothing', 'yes or no')
    """
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes or no"
        case int() | float():
            return "number"
        case str():
            return "text" if value else "empty text"
        case list():
            return f"list of {len(value)}"
        case _:
            return "group"


def text_of(value: Any) -> str:
    """A text, or a number as text. Raises `ConvertError` for anything else."""
    if type(value) is str:
        return str(value)
    if type(value) in (int, float):
        return repr(value)
    raise ConvertError(f"a text is needed, and there is {kind_of(value)}")


def list_of(value: Any) -> list[Any]:
    if type(value) is list:
        return list(value)
    raise ConvertError(f"a list is needed, and there is {kind_of(value)}")


def _fits(value: Any, kind: type) -> bool:
    if kind is float:
        return type(value) in (int, float)
    return type(value) is kind


def _words(kind: type) -> str:
    return {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}.get(
        kind, "a table of texts"
    )


def _shown(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 40 else "of that name"
