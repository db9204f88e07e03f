"""Which of an event's flows take a record, and in which order their messages come about."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from .subscription import Subscription

#: A domain of more items is no condition that a person could read.
ITEMS_AT_MOST = 200


class ConditionError(ValueError):
    """A condition that is not a plain domain. Its text may be shown."""


def parse_condition(text: str | None) -> list[Any]:
    """The items of the domain that `text` writes down, as plain data. No code, no names.

    >>> parse_condition("['|', ('amount_total', '>', 100), ('partner_id', 'in', (1, 2))]")
    ['|', ['amount_total', '>', 100], ['partner_id', 'in', [1, 2]]]
    >>> parse_condition("[('user_id', '=', uid)]")
    Traceback (most recent call last):
        ...
    odoo.addons.interop_queue.lib.routing.ConditionError: not plain
    """
    try:
        found = ast.literal_eval((text or "").strip() or "[]")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise ConditionError("not plain") from None
    if not isinstance(found, list | tuple):
        raise ConditionError("not a list")
    if len(found) > ITEMS_AT_MOST:
        raise ConditionError("too long")
    return [_plain(item) for item in found]


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ConditionError("not plain")


def chosen(fitting: Iterable[Subscription]) -> list[Subscription]:
    """Those that take the record: all, but of each group the first only.

    >>> flow = Subscription(1, 1, 1, 1, "Note 1.0", "none", 0, "interop.handler")
    >>> cold = flow._replace(id=2, route_group="warehouse", route_sequence=1)
    >>> rest = flow._replace(id=3, route_group="warehouse", route_sequence=9)
    >>> [each.id for each in chosen([rest, flow, cold])]
    [1, 2]
    """
    fitting = list(fitting)
    first: dict[str, Subscription] = {}
    for flow in fitting:
        if flow.route_group:
            before = first.get(flow.route_group)
            if before is None or _place(flow) < _place(before):
                first[flow.route_group] = flow
    return [flow for flow in fitting if not flow.route_group or first[flow.route_group] is flow]


def _place(flow: Subscription) -> tuple[int, int]:
    return flow.route_sequence, flow.id


def needed_first(flows: Sequence[Subscription]) -> list[Subscription]:
    """So that of one event's messages those that others wait for have the lower ids.

    >>> flow = Subscription(1, 1, 1, 1, "Note 1.0", "none", 0, "interop.handler")
    >>> from odoo.addons.interop_queue.lib.subscription import Wait
    >>> waiting = flow._replace(id=2, waits=(Wait(3, ""),))
    >>> [each.id for each in needed_first([waiting, flow, flow._replace(id=3)])]
    [3, 2, 1]
    """
    by_id = {flow.id: flow for flow in flows}
    placed: dict[int, Subscription] = {}

    def place(flow: Subscription, behind: frozenset[int]) -> None:
        for wait in flow.waits:
            if wait.flow_id in by_id and wait.flow_id not in behind | placed.keys():
                place(by_id[wait.flow_id], behind | {flow.id})
        placed.setdefault(flow.id, flow)

    for flow in flows:
        place(flow, frozenset())
    return list(placed.values())


def circle(start: int, waits: Mapping[int, Collection[int]]) -> list[int]:
    """The flows that wait for each other in a circle from `start` to `start`, or none.

    >>> circle(1, {1: [2], 2: [3], 3: [1]})
    [1, 2, 3]
    >>> circle(1, {1: [2, 3], 2: [3]})
    []
    """
    trail: list[int] = []
    seen: set[int] = set()

    def leads_back(flow_id: int) -> bool:
        trail.append(flow_id)
        for other in waits.get(flow_id, ()):
            if other == start:
                return True
            if other not in seen:
                seen.add(other)
                if leads_back(other):
                    return True
        trail.pop()
        return False

    return trail if leads_back(start) else []
