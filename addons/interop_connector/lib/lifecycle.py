"""The states of a connector and the steps between them, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STATES: Final[list[tuple[str, str]]] = [
    ("draft", "Draft"),
    ("active", "Active"),
    ("draining", "Draining"),
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
    "pause": Step(frozenset({"active", "draining"}), "paused", _OPERATOR),
    "drain": Step(frozenset({"active"}), "draining", _OPERATOR),
    "resume": Step(frozenset({"paused", "draining"}), "active", _OPERATOR),
    "retire": Step(frozenset({"draft", "active", "draining", "paused"}), "retired", _MANAGER),
}
