"""A short transaction of its own, beside the request's."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED, TRANSACTION_STATUS_IDLE

from odoo.modules.registry import Registry
from odoo.sql_db import BaseCursor


@contextmanager
def short_transaction(registry: Registry) -> Iterator[BaseCursor]:
    """Commits at the end. Waits for others' row locks and then sees what they wrote.

    Under Odoo's REPEATABLE READ a race for one row ends in an error. What is counted here survives
    when the request is undone and run again. Its commit does not wait for the disk: a crash may
    forget the last moment's counts.
    """
    with registry.cursor() as cr:
        if cr.connection.get_transaction_status() == TRANSACTION_STATUS_IDLE:
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
        cr.execute("SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '2s'")
        yield cr
