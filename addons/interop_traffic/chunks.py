"""Work in chunks: each chunk is a transaction of its own, and a fault is put before a person."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import TypeVar

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from odoo.addons.interop_queue.engine.transaction import CONFLICTS, repeatable_read, retrying

_logger = logging.getLogger(__name__)

T = TypeVar("T")


def chunk(
    registry: Registry,
    what: str,
    work: Callable[[api.Environment], int | None],
    failed: Callable[[api.Environment, Exception], None],
) -> int | None:
    """Run `work` in a transaction of its own; return what it returns.

    0 if somebody else has in hand what it needs: the next round goes on. None if it failed: then
    `failed` has been run in a further transaction. `what` names it in the server's log; of what
    went wrong only the type is told there and to people, as a text may carry values.
    """
    try:
        return _in_transaction(registry, work)
    except CONFLICTS:
        return 0
    except Exception as failure:
        reason = failure  # an except clause forgets its name
        _logger.error(
            "interop: %s stands (%s)\n%s",
            what,
            type(failure).__name__,
            "".join(traceback.format_tb(failure.__traceback__)),
        )
        _in_transaction(registry, lambda env: failed(env, reason))
        return None


def _in_transaction(registry: Registry, work: Callable[[api.Environment], T]) -> T:
    def once() -> T:
        with repeatable_read(registry) as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            result = work(env)
            env.flush_all()
        return result

    return retrying(once)
