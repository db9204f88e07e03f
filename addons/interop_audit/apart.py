"""Short transactions apart from the caller's, for what must stand whatever becomes of that one."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED, STATUS_READY

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import Cursor


@contextmanager
def apart(registry: Registry) -> Iterator[api.Environment]:
    """An environment with a transaction of its own that sees what others have just committed.

    Committed at the end, rolled back if something is raised. READ COMMITTED: under Odoo's
    REPEATABLE READ two who write the same row at once would get an error instead of a wait.
    """
    with registry.cursor() as cr:
        set_read_committed(cr)
        env = api.Environment(cr, SUPERUSER_ID, {})
        yield env
        env.flush_all()


def set_read_committed(cr: Cursor) -> None:
    """For a cursor that has executed nothing yet. Cursors of web tests share one transaction."""
    if cr.connection.status == STATUS_READY:
        cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
