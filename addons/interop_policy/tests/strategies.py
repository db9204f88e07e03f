"""Hypothesis strategies: document types of any shape, documents of them, and policies for them.

A *shape* is what a document type's fields look like: a dict is a group, a one-element list a list,
and a `Sensitivity` a field. Documents of a shape carry a different text in each field, so that a
test can tell exactly what came through.
"""

import hmac
import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_document.tests.strategies import JSON
from odoo.addons.interop_policy.lib.actions import ACTIONS, Frame
from odoo.addons.interop_policy.lib.conditions import Condition
from odoo.addons.interop_policy.lib.context import Context
from odoo.addons.interop_policy.lib.residency import HERE, Residency
from odoo.addons.interop_policy.lib.rules import Rule

NAMES = st.sampled_from(["id", "name", "lines", "item", "code", "note", "party", "x_y"])
CLASSES = st.sampled_from(list(Sensitivity))


def _group(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, inner, min_size=1, max_size=5)


SHAPES = _group(
    st.recursive(
        CLASSES,
        lambda inner: _group(inner) | st.lists(inner, min_size=1, max_size=1),
        max_leaves=12,
    )
)


def paths_of(shape: Any, prefix: str = "") -> Iterator[tuple[str, Sensitivity]]:
    """(path, sensitivity) of each field of a shape."""
    match shape:
        case dict():
            for name, inner in shape.items():
                yield from paths_of(inner, f"{prefix}.{name}" if prefix else name)
        case [inner]:
            yield from paths_of(inner, f"{prefix}[]")
        case _:
            yield prefix, shape


def values_of(document: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of each value of a document that is not a group or list."""
    match document:
        case dict():
            for name, inner in document.items():
                yield from values_of(inner, f"{prefix}.{name}" if prefix else name)
        case list():
            for inner in document:
                yield from values_of(inner, f"{prefix}[]")
        case _:
            yield prefix, document


@st.composite
def documents_of(draw: st.DrawFn, shape: Any, junk: bool = False) -> Any:
    """A document of that shape; with `junk`, also with what its type does not know."""
    numbers = itertools.count(1)
    return _document(draw, shape, numbers, junk)


def _document(draw: st.DrawFn, shape: Any, numbers: Iterator[int], junk: bool) -> Any:
    if junk and draw(st.integers(0, 9)) == 0:
        return _marked(draw(JSON), numbers)
    match shape:
        case dict():
            chosen = [name for name in shape if draw(st.booleans())]
            document = {name: _document(draw, shape[name], numbers, junk) for name in chosen}
            if junk and draw(st.booleans()):
                document["stranger"] = _marked(draw(JSON), numbers)
            return document
        case [inner]:
            count = draw(st.integers(0, 3))
            return [_document(draw, inner, numbers, junk) for _entry in range(count)]
        case _:
            return _canary(numbers)


def _canary(numbers: Iterator[int]) -> str:
    """A text of its own, in the form of an e-mail address so that every mask has work to do."""
    return f"Xq{next(numbers):05}z Keller@north.example"


def _marked(value: Any, numbers: Iterator[int]) -> Any:
    match value:
        case dict():
            return {name: _marked(inner, numbers) for name, inner in value.items()}
        case list():
            return [_marked(inner, numbers) for inner in value]
        case _:
            return _canary(numbers)


def keyed(label: str, data: bytes) -> bytes:
    return hmac.digest(b"a key of tests", label.encode() + b"/" + data, "sha256")


def context(partner: str = "system/1", purpose: str = "supply") -> Context:
    return Context(keyed, partner, 1, purpose, date(2026, 11, 25))


COMPANIES = (1, 2)
PURPOSES = ("supply", "analytics")
REGIONS = ("US", "DE")

RESIDENCIES = st.just(HERE) | st.builds(
    Residency,
    st.sampled_from(("", *REGIONS)),
    st.frozensets(st.sampled_from(REGIONS)),
    st.frozensets(st.sampled_from(REGIONS)),
)
FRAMES = st.builds(
    Frame,
    CLASSES,
    RESIDENCIES,
    st.sampled_from(COMPANIES),
    st.sampled_from(PURPOSES),
    st.just(lambda value: "(encrypted)"),
)

_PARAMETERS = {"band": "-5, 100, 1000.5", "text": "fixed", "number": "7", "boolean": "true"}
# Those that never stop a message, so that something is left to look at.
HARMLESS = tuple(sorted(set(ACTIONS.codes()) - {"require", "refuse"}))


def paths(sensitivities: Mapping[str, Sensitivity]) -> list[str]:
    """Everything that a rule may name: each field, and each group with one and with two stars."""
    groups = {""}
    for path in sensitivities:
        names = path.split(".")
        groups |= {".".join(names[:place]) for place in range(1, len(names))}
    direct = {path.rpartition(".")[0] for path in sensitivities}
    return sorted(
        [
            *sensitivities,
            *(f"{group}.*" if group else "*" for group in direct),
            *(f"{group}.**" if group else "**" for group in groups),
        ]
    )


@st.composite
def conditions(draw: st.DrawFn, fields: list[str], values: tuple[str, ...]) -> Condition:
    operator = draw(
        st.sampled_from(["eq", "ne", "in", "lt", "le", "gt", "ge", "present", "absent"])
    )
    count = 0 if operator in ("present", "absent") else 2 if operator == "in" else 1
    picked = tuple(draw(st.sampled_from(values)) for _value in range(count))
    return Condition(draw(st.sampled_from(fields)), operator, picked)


@st.composite
def policies(
    draw: st.DrawFn,
    sensitivities: Mapping[str, Sensitivity],
    actions: tuple[str, ...] = HARMLESS,
    values: tuple[str, ...] = (),
) -> list[Rule]:
    """Rules for some of the fields, some through their groups, in any order.

    With `values` also several rules with one path, told apart by purpose, company and conditions
    that compare fields with these values.
    """
    chosen = draw(st.lists(st.sampled_from(paths(sensitivities)), unique=True))
    single = [path for path in sensitivities if "[]" not in path]
    rules = []
    for path in chosen:
        ruled: list[Rule] = []
        for _turn in range(draw(st.integers(0, 3)) if values else 0):
            rule = Rule(
                **_what(draw, path, actions),
                purpose=draw(st.sampled_from((None, *PURPOSES))),
                company=draw(st.sampled_from((None, *COMPANIES))),
                conditions=tuple(
                    draw(st.lists(conditions(single, values), max_size=2, unique=True))
                    if single
                    else ()
                ),
            )
            if not any(earlier.covers(rule) for earlier in ruled):
                ruled.append(rule)
        last = Rule(**_what(draw, path, actions))
        if not ruled or draw(st.booleans()) and not any(each.covers(last) for each in ruled):
            ruled.append(last)
        rules += ruled
    return rules


def _what(draw: st.DrawFn, path: str, actions: tuple[str, ...]) -> dict[str, Any]:
    code = draw(st.sampled_from(actions))
    action = ACTIONS.get(code)
    pattern = draw(st.sampled_from([None, *action.patterns])) if action.patterns else None
    parameter = _PARAMETERS.get(pattern or action.default_pattern or "") if code != "mask" else None
    return {"path": path, "action": code, "pattern": pattern, "parameter": parameter}
