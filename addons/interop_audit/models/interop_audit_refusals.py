import logging
import threading
import time
from collections.abc import Sequence

import psycopg2

from odoo import SUPERUSER_ID, api, models

from ..lib.entry import AuditRow
from ..lib.flood import Flood

_logger = logging.getLogger(__name__)

ACT = "audit.refused"
IDS_NAMED = 20

_flood = Flood()
_flood_lock = threading.Lock()


class InteropAuditRefusals(models.AbstractModel):
    """Notes attempts to alter what never changes.

    In a transaction of its own, because the one of the attempt is rolled back. A flood of attempts
    makes few entries, which tell how many there were.
    """

    _name = "interop.audit.refusals"
    _description = "Refused Attempts"

    @api.model
    def _note(self, model: str, method: str, ids: Sequence[int] = ()) -> None:
        """Note that the present user tried ``method`` on these records of ``model``.

        Never raises: whoever calls this refuses in any case.
        """
        kind, user_id, name = self.env["interop.audit"]._actor()
        key = (self.env.cr.dbname, user_id, model)
        with _flood_lock:
            attempts = _flood.told(key, time.monotonic())
        if not attempts:
            return
        real = [each for each in ids if isinstance(each, int)]
        row = AuditRow(
            act=ACT,
            outcome="refused",
            actor_kind=kind,
            actor_id=user_id,
            actor_name=name,
            res_model=model,
            res_id=real[0] if len(real) == 1 else None,
            details={
                "method": method,
                **({"ids": real[:IDS_NAMED], "records": len(real)} if real else {}),
                **({"attempts": attempts} if attempts > 1 else {}),
            },
        )
        try:
            with self._own_cursor() as cr:
                # The attempt's own transaction may hold a lock on the trail, and waits for us.
                cr.execute("SET LOCAL lock_timeout = '2s'")
                env = self.env(cr=cr, user=SUPERUSER_ID)
                env["interop.audit"]._record_many([row])
        except psycopg2.Error as error:  # also when all connections are taken
            _logger.error(
                "interop: user %s was refused %s on %s, which could not be noted (%s)",
                user_id,
                method,
                model,
                type(error).__name__,
            )

    def _own_cursor(self):
        return self.env.registry.cursor()
