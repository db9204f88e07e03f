"""The last seal, when Odoo ends: what was done in its last minute is sealed, too.

It runs where a database was loaded in the server's own process: the threaded server, or the
prefork server with ``-d``. Elsewhere what is left is sealed by the first run after the next start;
dedicated workers seal for themselves.
"""

import logging

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.server import CommonServer

_logger = logging.getLogger(__name__)

_databases: set[str] = set()


def seal_at_stop(database: str) -> None:
    """Make the last seal of this database when the server ends."""
    if not _databases:
        CommonServer.on_stop(_seal_all)
    _databases.add(database)


def _seal_all() -> None:
    for database in sorted(_databases):
        try:
            with Registry(database).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                if "interop.audit.sealer" in env:
                    env["interop.audit.sealer"]._seal_last()
        except psycopg2.Error as failure:
            _logger.info("interop: no last seal for %s: %s", database, type(failure).__name__)
