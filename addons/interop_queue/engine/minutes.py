"""Counting what leaves the queue, per minute."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import psycopg2

from odoo.modules.registry import Registry

from ..lib.minutes import COUNTERS, count
from ..lib.work import Verdict
from .transaction import columns, read_committed, retrying, run

_logger = logging.getLogger(__name__)


def minutes_of(held: Sequence[Verdict]) -> list[tuple[str, dict]]:
    """The statement that notes these outcomes, for a settle's last round trip."""
    rows = count(held)
    return [("note_minutes", columns(rows, *COUNTERS))] if rows else []


def note_after(registry: Registry, held: Sequence[Verdict]) -> None:
    """Note outcomes that a business transaction has written: in one of our own, after it.

    In the business transaction itself it would be a conflict with every other one of that minute.
    Never raises: the outcomes are committed, and a figure is not worth a failure.
    """
    if not (calls := minutes_of(held)):
        return

    def action() -> None:
        with read_committed(registry) as cr:
            for name, params in calls:
                run(cr, name, **params)

    try:
        retrying(action)
    except psycopg2.Error as failure:
        _logger.warning("interop: a minute's figures are not whole (%s)", type(failure).__name__)
