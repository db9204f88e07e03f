"""When a rule holds: comparisons with fields of the document. Declarative, no code.

A condition compares one field of the document with fixed values; all conditions of a rule must
hold. People write them as a line of text:

>>> [str(each) for each in parse('currency = EUR; buyer.name in "A; B", C and notes absent')]
['currency = EUR', 'buyer.name in "A; B", C', 'notes is absent']
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from odoo.addons.interop_base.lib.failures import PolicyError
from odoo.addons.interop_base.lib.registry import Registry

# Answers for a document's body.
Test = Callable[[Mapping[str, Any]], bool]

MAX_LENGTH = 1000
_CLAUSES = re.compile(r";|\n|\s+and\s+", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]*)"')
_PLACE = "\x00"
_CLAUSE = re.compile(
    r"(?P<path>[^\s=!<>≠≤≥,]+)\s*"
    r"(?P<sign>!=|≠|<=|≤|>=|≥|=|<|>|(?<=\s)in(?=\s)|(?<=\s)(?:is\s+)?(?:present|absent)$)"
    r"\s*(?P<values>.*)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")
_HOW = "Write a field, a comparison and a value, for example currency = EUR"


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison. `holds` gets a value that is there, and the condition's values as texts."""

    code: str
    sign: str
    label: str
    holds: Callable[[Any, tuple[str, ...]], bool]
    takes: tuple[int, int] = (1, 1)
    """How many values it needs, at least and at most."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: a field's path, an operator's code, and values as people write them."""

    path: str
    operator: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        sign = OPERATORS.get(self.operator).sign if self.operator in OPERATORS else self.operator
        return " ".join(filter(None, (self.path, sign, ", ".join(map(_quoted, self.values)))))


def _quoted(value: str) -> str:
    plain = value and value == value.strip() and not re.search(r'[;,"\n]|\sand\s', value)
    return value if plain else f'"{value}"'


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: null, or a text without a letter in it."""
    return value is None or type(value) is str and not value.strip()


# -- comparing -------------------------------------------------------------------------------------


def _order(value: Any, wanted: str) -> int | None:
    """-1, 0 or 1 as `value` is below, equal to or above `wanted`; None if they cannot be compared.

    The document's value decides how: numbers as numbers, texts (dates in ISO form too) as texts,
    yes and no as the words true and false.
    """
    match value:
        case bool():
            return 0 if wanted.lower() == ("true" if value else "false") else None
        case int() | float():
            if not _NUMBER.fullmatch(wanted):
                return None
            number = float(wanted) if "." in wanted else int(wanted)
            return (value > number) - (value < number)
        case str():
            return (value > wanted) - (value < wanted)
        case _:
            return None


def _among(value: Any, wanted: tuple[str, ...]) -> bool:
    return any(_order(value, each) == 0 for each in wanted)


def _differs(value: Any, wanted: tuple[str, ...]) -> bool:
    return not _among(value, wanted)


def _ordered(*orders: int) -> Callable[[Any, tuple[str, ...]], bool]:
    return lambda value, wanted: _order(value, wanted[0]) in orders


OPERATORS: Registry[Operator] = Registry("comparison")

for _operator in (
    Operator("eq", "=", "is", _among),
    Operator("ne", "≠", "is there and is not", _differs),
    Operator("in", "in", "is one of", _among, (1, 100)),
    Operator("lt", "<", "is below", _ordered(-1)),
    Operator("le", "≤", "is at most", _ordered(-1, 0)),
    Operator("gt", ">", "is above", _ordered(1)),
    Operator("ge", "≥", "is at least", _ordered(0, 1)),
    Operator("present", "is present", "is there", lambda value, wanted: True, (0, 0)),
    Operator("absent", "is absent", "is not there or empty", lambda value, wanted: False, (0, 0)),
):
    OPERATORS.register(_operator.code, _operator)

_SIGNS = {each.sign: each.code for _code, each in OPERATORS} | {
    "!=": "ne",
    "<=": "le",
    ">=": "ge",
    "present": "present",
    "absent": "absent",
}


def make_test(condition: Condition, known: Mapping[str, Any]) -> Test:
    """The test that `condition` stands for. Raises `PolicyError` if it cannot be meant.

    A field that is not there or empty fulfils no comparison, "is not" included: whoever wants the
    rule to hold then says `is absent`.
    """
    if condition.path not in known:
        raise PolicyError(f"Condition {condition.path}: the document type has no such field.")
    if "[]" in condition.path:
        raise PolicyError(
            f"Condition {condition.path}: stands in a list, so it has no single value. Choose a "
            "field of the document itself."
        )
    if condition.operator not in OPERATORS:
        signs = ", ".join(each.sign for _code, each in OPERATORS)
        raise PolicyError(f"Condition {condition.path}: unknown comparison; known are {signs}.")
    operator = OPERATORS.get(condition.operator)
    least, most = operator.takes
    if not least <= len(condition.values) <= most:
        needs = "no value" if not most else "one value" if most == 1 else "one or more values"
        raise PolicyError(f"Condition {condition.path}: “{operator.sign}” needs {needs}.")
    names, wanted, holds = condition.path.split("."), condition.values, operator.holds
    if_empty = condition.operator == "absent"

    def test(body: Mapping[str, Any]) -> bool:
        value: Any = body
        for name in names:
            value = value.get(name) if type(value) is dict else None
        return if_empty if is_empty(value) else holds(value, wanted)

    return test


# -- reading ---------------------------------------------------------------------------------------


def parse(text: str | None) -> tuple[Condition, ...]:
    """The conditions in a line of text, separated by `;` or `and`. Raises `PolicyError`."""
    if not text or not text.strip():
        return ()
    if len(text) > MAX_LENGTH:
        raise PolicyError(f"A condition has {MAX_LENGTH} characters at most.")
    if _PLACE in text:
        raise PolicyError(f"The condition cannot be read. {_HOW}.")
    quoted: list[str] = []

    def keep(found: re.Match[str]) -> str:
        quoted.append(found[1])
        return f"{_PLACE}{len(quoted) - 1}{_PLACE}"

    clauses = _CLAUSES.split(_QUOTED.sub(keep, text))
    return tuple(_condition(clause.strip(), quoted) for clause in clauses if clause.strip())


def _condition(clause: str, quoted: list[str]) -> Condition:
    found = _CLAUSE.fullmatch(clause)
    if not found:
        raise PolicyError(f"The condition cannot be read. {_HOW}.")
    code = _SIGNS[re.sub(r"\s+", " ", found["sign"].lower())]
    raw = found["values"].strip()
    values = [_value(each.strip(), quoted, found["path"]) for each in raw.split(",")] if raw else []
    return Condition(found["path"], code, tuple(values))


def _value(raw: str, quoted: list[str], path: str) -> str:
    if raw.startswith(_PLACE) and raw.endswith(_PLACE) and raw.count(_PLACE) == 2:
        return quoted[int(raw.strip(_PLACE))]
    if not raw or '"' in raw or _PLACE in raw:
        raise PolicyError(f"Condition {path}: a value cannot be read. Put it in double quotes.")
    return raw
