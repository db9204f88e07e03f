"""Hypothesis strategies: document types of any shape, documents of them, and policies for them.

A *shape* is what a document type's fields look like: a dict is a group, a one-element list a list,
and a `Sensitivity` a field. Documents of a shape carry a different text in each field, so that a
test can tell exactly what came through.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_document.tests.strategies import JSON
from odoo.addons.interop_policy.lib.mask import MASKS
from odoo.addons.interop_policy.lib.policy import ACTIONS, Rule

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


@st.composite
def policies(draw: st.DrawFn, sensitivities: Mapping[str, Sensitivity]) -> list[Rule]:
    """Rules for some of the fields, some through their group, in any order."""
    groups = {path.rpartition(".")[0] for path in sensitivities}
    candidates = sorted(sensitivities) + sorted(f"{g}.*" if g else "*" for g in groups)
    chosen = draw(st.lists(st.sampled_from(candidates), unique=True))
    rules = []
    for path in chosen:
        action = draw(st.sampled_from(list(ACTIONS)))
        pattern = draw(st.sampled_from([None, *MASKS])) if action == "mask" else None
        rules.append(Rule(path, action, pattern))
    return rules
