from collections.abc import Sequence

from odoo import api, fields, models

from ..short_transaction import short_transaction

KEPT_DAYS = 30

REASONS = [
    ("network", "From an address that is not allowed"),
    ("size", "Too large"),
    ("signature", "Not signed as agreed"),
    ("unsigned", "Too many tries without a signature"),
    ("rate", "Too many deliveries"),
    ("bytes", "Too many bytes"),
    ("backlog", "Too many open messages"),
]


class InteropRefusal(models.Model):
    """Deliveries that were refused, counted by hour and reason.

    A flood of refused deliveries is one row and one entry of the audit trail an hour, so whoever
    floods us cannot fill the trail.
    """

    _name = "interop.refusal"
    _description = "Refused Deliveries"
    _order = "hour desc, id desc"
    _rec_name = "reason"
    _log_access = False

    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The connector that they were sent to.",
    )  # fmt: skip
    hour = fields.Datetime(required=True, readonly=True, help="When the hour began.")
    reason = fields.Selection(REASONS, required=True, readonly=True, help="Why they were refused.")
    count = fields.Integer(
        string="Refused", required=True, readonly=True, default=0,
        help="How many were refused for this reason in this hour.",
    )  # fmt: skip
    first_at = fields.Datetime(string="First", readonly=True, help="When the first one came.")
    last_at = fields.Datetime(string="Last", readonly=True, help="When the last one came.")
    last_address = fields.Char(
        string="Last from", readonly=True, help="The address that the last one came from."
    )

    _once = models.UniqueIndex("(connector_id, hour, reason)")

    @api.model
    def _note(self, connector_id: int, reason: str, address: str) -> None:
        """Count one, in a transaction of its own: the request's is undone.

        The first one of its hour and reason is told to the audit trail.
        """
        with short_transaction(self.env.registry) as cr:
            cr.execute(
                """
                INSERT INTO interop_refusal AS r (connector_id, hour, reason, count, first_at,
                                                  last_at, last_address)
                SELECT c.id, date_trunc('hour', n.at), %(reason)s, 1, n.at, n.at, %(address)s
                  FROM interop_connector c, (SELECT timezone('utc', clock_timestamp()) AS at) n
                 WHERE c.id = %(connector)s
                    ON CONFLICT (connector_id, hour, reason) DO UPDATE
                   SET count = r.count + 1, last_at = excluded.last_at,
                       last_address = excluded.last_address
                RETURNING count
                """,
                {"connector": connector_id, "reason": reason, "address": address[:64]},
            )
            row = cr.fetchone()
            if row == (1,):
                connector = self.env(cr=cr)["interop.connector"].sudo()
                connector = connector.browse(connector_id)
                self.env(cr=cr)["interop.audit"]._record(
                    "delivery.refused",
                    record=connector,
                    outcome="refused",
                    actor_kind="partner",
                    details={
                        "connector": connector.code,
                        "reason": reason,
                        "address": address[:64],
                    },
                )

    @api.model
    def _count_recent(self, connector_ids: Sequence[int]) -> dict[int, int]:
        """Connector -> refused in the last 24 hours."""
        if not connector_ids:
            return {}
        self.env.cr.execute(
            """
            SELECT connector_id, sum(count)::int FROM interop_refusal
             WHERE connector_id = ANY (%s)
               AND hour > timezone('utc', clock_timestamp()) - interval '24 hours'
             GROUP BY connector_id
            """,
            [list(connector_ids)],
        )
        return dict(self.env.cr.fetchall())

    @api.autovacuum
    def _gc_refusals(self) -> None:
        self.env.cr.execute(
            "DELETE FROM interop_refusal "
            "WHERE hour < timezone('utc', now()) - make_interval(days => %s)",
            [KEPT_DAYS],
        )
