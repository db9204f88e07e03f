"""One row of a mapping: plain data, as people write it and as a published flow holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """Puts a value at `target`, or opens a list there (`each`) for the rows below it."""

    target: str
    source: str = ""
    constant: Any = None
    converter: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    crosswalk: str = ""
    default: Any = None
    required: bool = False
    when: str = ""
    each: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is not said is left out, so that equal rows are equal texts."""
        usual = Row("")
        return {
            name: value
            for name, value in asdict(self).items()
            if name == "target" or value != getattr(usual, name)
        }


def row_of(given: Mapping[str, Any]) -> Row:
    """The row that `as_json` wrote; what a later release adds is left out."""
    known = {name: given[name] for name in Row.__dataclass_fields__ if name in given}
    return Row(**known)
