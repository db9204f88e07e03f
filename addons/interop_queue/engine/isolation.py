"""Several effects in one transaction, each of them kept or undone without a trace."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import TRANSACTION_STATUS_INTRANS

from odoo.modules.registry import Registry
from odoo.sql_db import Cursor

from odoo.addons.interop_base.lib.failures import InternalError


@contextmanager
def alone(registry: Registry, cr: Cursor) -> Iterator[None]:
    """Run the body in a savepoint; if it fails, nothing of it is left anywhere.

    The savepoint undoes the rows. Its flush runs the precommit hooks of the body inside it, so that
    what they do (chatter's tracking) fails or counts with the body, and its rollback clears the
    ORM's caches and those hooks. What it leaves alone is put back here: hooks after the commit
    (mails, notifications), and what this process keeps between transactions.
    """
    cr.flush()  # what was done before belongs to nobody's savepoint
    hooks = list(cr.postcommit._funcs)  # Callbacks can only be added to and cleared
    data = {key: copy.copy(value) for key, value in cr.postcommit.data.items()}
    try:
        with _unbroken(cr), cr.savepoint():
            yield
    except BaseException:
        cr.postcommit.clear()
        for hook in hooks:
            cr.postcommit.add(hook)
        cr.postcommit.data.update(data)
        if registry.cache_invalidated:
            # Cached anew meanwhile, from rows that no longer are.
            registry.clear_cache(*registry.cache_invalidated)
        raise


def is_usable(cr: Cursor) -> bool:
    """Whether the transaction goes on: not aborted, and its connection not lost."""
    connection = cr.connection
    return not connection.closed and (
        connection.get_transaction_status() == TRANSACTION_STATUS_INTRANS
    )


@contextmanager
def _unbroken(cr: Cursor) -> Iterator[None]:
    """Nobody ends the transaction: an effect and its outcome would no longer be one act."""

    def refuse() -> None:
        raise InternalError(
            "The handler tried to end the transaction that its message is settled in. Please "
            "report it to the integration's developers."
        )

    # On this cursor only; the class's own methods come back with `del`.
    cr.commit = cr.rollback = refuse
    try:
        yield
    finally:
        del cr.commit, cr.rollback
