"""Where a worker can be made to die, without a word about it in the engine.

The engine's modules keep the names that are replaced here (`lane.claim`, `lane.settle`,
`outbound.prepare`, `exchange.exchange`); the commits of the database belong to Odoo.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_ENGINE = "odoo.addons.interop_queue."

# point -> (module, name, whether it dies after the call)
POINTS = {
    "after claim": (_ENGINE + "engine.lane", "claim", True),
    "after prepare": (_ENGINE + "engine.outbound", "prepare", True),
    "before send": (_ENGINE + "lib.exchange", "exchange", False),
    "after send": (_ENGINE + "lib.exchange", "exchange", True),
    "before settle": (_ENGINE + "engine.lane", "settle", False),
    "after settle": (_ENGINE + "engine.lane", "settle", True),
    "before a commit": ("odoo.sql_db", "Cursor.commit", False),
    "after a commit": ("odoo.sql_db", "Cursor.commit", True),
}


@dataclass
class Dice:
    """Kills this very process with a probability, always in the same places for one seed."""

    probability: float
    seed: str
    note: int
    """A file descriptor that the point is written to before."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def roll(self, point: str) -> None:
        if self._random.random() < self.probability:
            die(point, self.note)


def die(why: str, note: int) -> None:
    os.write(note, why.encode() + b"\n")
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, dice: Dice) -> None:
    """From now on `point` is dangerous."""
    module, path, after = POINTS[point]

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def dangerous(*args: Any, **kwargs: Any) -> Any:
            if not after and _has_work(args):
                dice.roll(point)
            result = original(*args, **kwargs)
            if after and _matters(path, args, result):
                dice.roll(point)
            return result

        return dangerous

    replace(module, path, wrap)


def arm_against(key: str, note: int) -> None:
    """Preparing the message with this idempotency key kills the worker, each time."""

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        def prepare(registry: Any, claimed: list[Any]) -> Any:
            if any(message.uuid == key for message in claimed):
                die(f"poison among {len(claimed)}", note)
            return original(registry, claimed)

        return prepare

    replace(_ENGINE + "engine.outbound", "prepare", wrap)


def replace(module: str, path: str, wrap: Callable[[Any], Any]) -> None:
    """Put `wrap(original)` where `original` is; `path` may go through a class."""
    holder: Any = importlib.import_module(module)
    *parts, name = path.split(".")
    for part in parts:
        holder = getattr(holder, part)
    setattr(holder, name, wrap(getattr(holder, name)))


def _has_work(args: tuple[Any, ...]) -> bool:
    """A settle of nothing is no settle."""
    return not (len(args) > 1 and isinstance(args[1], list) and not args[1])


def _matters(path: str, args: tuple[Any, ...], result: Any) -> bool:
    return bool(result) if path == "claim" else _has_work(args)
