"""Working at something that goes on chunk by chunk, and dying at it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from points import Dice, arm
from tasks import transaction

from odoo.addons.interop_queue.engine import transaction as transactions


def work_at(
    database: str,
    step: Callable[[Any], str],
    point: str = "",
    probability: float = 0.0,
    seed: str = "",
    notes: str = "",
) -> str:
    """Call `step` with an environment, each time in a transaction, until it is not running or this
    process is not; the state it ended in. `point` and so on: where this process may die."""
    note = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT) if notes else 2
    if point:
        arm(point, Dice(probability, seed, note))

    def once() -> str:
        with transaction(database) as env:
            return step(env)

    while (state := transactions.retrying(once, tries=20)) == "running":
        pass
    return state
