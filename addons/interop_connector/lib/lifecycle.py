"""The states of a connector and the steps between them, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STATES: Final[list[tuple[str, str]]] = [
    ("draft", "Draft"),
    ("active", "Active"),
    ("paused", "Paused"),
    ("retired", "Retired"),
]


@dataclass(frozen=True, slots=True)
class Step:
    """From which states a step leads where, and the group that may take it."""

    sources: frozenset[str]
    target: str
    group: str


_OPERATOR = "interop_base.group_operator"
_MANAGER = "interop_base.group_manager"

STEPS: Final[dict[str, Step]] = {
    "activate": Step(frozenset({"draft"}), "active", _MANAGER),
    "pause": Step(frozenset({"active"}), "paused", _OPERATOR),
    "resume": Step(frozenset({"paused"}), "active", _OPERATOR),
    "retire": Step(frozenset({"draft", "active", "paused"}), "retired", _MANAGER),
}
