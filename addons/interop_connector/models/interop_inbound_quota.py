from odoo import api, fields, models

from ..lib.quota import Limits, Taken, Tokens, take
from ..short_transaction import short_transaction


class InteropInboundQuota(models.Model):
    """What a partner may still send just now: one row per connector whose deliveries are counted.

    A row of its own. The runtime row is what claims and settles lock, and deliveries must not
    wait for them, nor they for deliveries.
    """

    _name = "interop.inbound.quota"
    _description = "Inbound Quota"
    _rec_name = "connector_id"
    _log_access = False

    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The connector this is the quota of.",
    )  # fmt: skip
    deliveries = fields.Float(readonly=True, help="Deliveries that may come in at once.")
    bytes = fields.Float(readonly=True, help="Bytes that may come in at once; below 0: owed.")
    filled_at = fields.Datetime(readonly=True, help="When this was last counted.")

    _once = models.UniqueIndex("(connector_id)")

    @api.model
    def _take(self, connector_id: int, limits: Limits, size: int) -> Taken:
        """Take one delivery of `size` bytes, exactly once over all processes.

        In a transaction of its own, by the database's clock, under the row's lock: deliveries of
        one connector at once follow each other here, for the time of two statements.
        """
        with short_transaction(self.env.registry) as cr:
            row = self._locked(cr, connector_id)
            if row is None:
                cr.execute(
                    "INSERT INTO interop_inbound_quota (connector_id) "
                    "SELECT id FROM interop_connector WHERE id = %s ON CONFLICT DO NOTHING",
                    [connector_id],
                )
                row = self._locked(cr, connector_id)
            if row is None:
                return Taken(Tokens())  # the connector is gone, and with it the delivery
            deliveries, size_left, elapsed = row
            taken = take(limits, Tokens(deliveries, size_left), elapsed, size)
            cr.execute(
                """
                UPDATE interop_inbound_quota
                   SET deliveries = %s, bytes = %s,
                       filled_at = timezone('utc', clock_timestamp())
                 WHERE connector_id = %s
                """,
                [taken.tokens.deliveries, taken.tokens.bytes, connector_id],
            )
        return taken

    @staticmethod
    def _locked(cr, connector_id: int) -> tuple[float | None, float | None, float] | None:
        cr.execute(
            """
            SELECT deliveries, bytes,
                   COALESCE(EXTRACT(EPOCH FROM timezone('utc', clock_timestamp()) - filled_at),
                            0)::float8
              FROM interop_inbound_quota WHERE connector_id = %s FOR NO KEY UPDATE
            """,
            [connector_id],
        )
        return cr.fetchone()
