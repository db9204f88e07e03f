"""How a pack says when and how fast documents travel: weekdays, priorities, windows, conditions.

A pack speaks in words and in times of the day. Records of this installation have numbers, which are
others elsewhere and have no place in a pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from odoo.addons.interop_queue.lib.departures import parse_times
from odoo.addons.interop_queue.lib.priorities import PRIORITIES
from odoo.addons.interop_queue.lib.routing import ConditionError, parse_condition

WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip

#: What the pack calls a priority -> what the flow keeps.
PRIORITY: Final = {label.lower(): code for code, label in PRIORITIES}

#: What a condition of a pack may compare with. Others reach past what a person would read.
_OPERATORS: Final = frozenset(
    {
        "=", "!=", "<", ">", "<=", ">=", "in", "not in", "like", "not like", "ilike", "not ilike",
        "=like", "not =like", "=ilike", "not =ilike", "child_of", "parent_of", "any", "not any",
    }
)  # fmt: skip
_PLAIN: Final = (bool, int, float, str)


def in_order(days: Iterable[str]) -> list[str]:
    """Weekdays as the week has them.

    >>> in_order(["friday", "monday"])
    ['monday', 'friday']
    """
    chosen = set(days)
    return [day for day in WEEKDAYS if day in chosen]


def clock(hours: float) -> str:
    """
    >>> clock(22.5)
    '22:30'
    """
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hours(text: str) -> float:
    """
    >>> hours("22:30")
    22.5
    """
    hour, _colon, minute = text.partition(":")
    return int(hour) + int(minute) / 60


def window_entry(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A weekly window as a pack says it, of what the model keeps."""
    return {
        "name": kept["name"],
        "days": [day for day in WEEKDAYS if kept[day]],
        "from": clock(kept["time_from"]),
        "to": clock(kept["time_to"]),
    }


def window_values(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the model keeps of a window of a pack."""
    return {
        "name": entry["name"],
        "kind": "weekly",
        "time_from": hours(entry["from"]),
        "time_to": hours(entry["to"]),
        **{day: day in entry["days"] for day in WEEKDAYS},
    }


def flow_entry(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a pack says in its own words of a flow's settings."""
    words = {code: word for word, code in PRIORITY.items()}
    return {
        "priority": words[kept["priority"]],
        "batch_days": [day for day in WEEKDAYS if kept[f"batch_{day}"]],
        "condition": parse_condition(kept["condition"] or ""),
    }


def flow_values(entry: Mapping[str, Any], condition: str | None) -> dict[str, Any]:
    """What the model keeps of that; `condition` is the text it has, which stays if it says so."""
    values: dict[str, Any] = {
        "priority": PRIORITY[entry["priority"]],
        **{f"batch_{day}": day in entry.get("batch_days", ()) for day in WEEKDAYS},
    }
    wanted = entry.get("condition") or []
    if _items(condition) != wanted:
        values["condition"] = repr(wanted) if wanted else False
    return values


def _items(condition: str | None) -> list[Any] | None:
    try:
        return parse_condition(condition)
    except ConditionError:
        return None


def traffic_problems(flow: Mapping[str, Any], flows: Sequence[str]) -> list[str]:
    """What is wrong with a flow's settings beyond the schema. Never repeats a value."""
    problems = []
    try:
        parse_times(flow.get("batch_times", ""))
    except ValueError:
        problems.append("names times that are none: write 09:00, 14:30")
    if problem := condition_problem(flow.get("condition", [])):
        problems.append(problem)
    for wait in flow.get("waits", ()):
        if wait["flow"] not in flows:
            problems.append("waits for a flow that is not in the pack")
        elif wait["flow"] == flow["code"]:
            problems.append("waits for itself")
    return problems


def condition_problem(items: Any) -> str | None:
    """Why `items` is no condition that a pack may have, or None.

    >>> condition_problem(["|", ["amount_total", ">", 100], ["partner_id.ref", "=", "cold"]])
    >>> condition_problem([["partner_id", "any!", []]])
    'has a condition that compares in an unknown way'
    """
    for item in items if isinstance(items, list) else ("",):
        if isinstance(item, str) and item in ("&", "|", "!"):
            continue
        if not isinstance(item, list) or len(item) != 3 or not isinstance(item[0], str):
            return "has a condition that is no list of fields, operators and values"
        _field, operator, value = item
        if operator not in _OPERATORS:
            return "has a condition that compares in an unknown way"
        if operator in ("any", "not any"):
            if problem := condition_problem(value):
                return problem
        elif not all(
            each is None or isinstance(each, _PLAIN)
            for each in (value if isinstance(value, list) else [value])
        ):
            return "has a condition with values that are not plain"
    return None
