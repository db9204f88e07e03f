from odoo import fields, models
from odoo.tools import SQL


class InteropMaintenanceOccurrence(models.Model):
    """Each time that a maintenance window is closed, for the calendar: made when looked at."""

    _name = "interop.maintenance.occurrence"
    _description = "Maintenance in the Calendar"
    _auto = False
    _log_access = False
    _order = "starts_at, id"
    _depends = {
        "interop.connector": ["tz"],
        "interop.maintenance.window": [
            "active", "connector_id", "ends_at", "friday", "kind", "monday", "name", "saturday",
            "starts_at", "sunday", "thursday", "time_from", "time_to", "tuesday", "wednesday",
        ],
    }  # fmt: skip

    name = fields.Char(string="Why", readonly=True, help="What happens then.")
    window_id = fields.Many2one(
        "interop.maintenance.window",
        readonly=True,
        help="The window that this is one time of.",
    )
    connector_id = fields.Many2one(
        "interop.connector", readonly=True, help="The connector on which nothing is sent then."
    )
    kind = fields.Selection(
        [("weekly", "Every week"), ("once", "Once")],
        readonly=True,
        help="Every week, or once.",
    )
    starts_at = fields.Datetime(string="Starts", readonly=True, help="When it begins.")
    ends_at = fields.Datetime(string="Ends", readonly=True, help="When it ends.")

    @property
    def _table_query(self) -> SQL:
        # Five weeks back and half a year ahead.
        return SQL(
            """
            WITH days AS (
                SELECT w.id, w.time_from, w.time_to, c.tz, n.number,
                       (timezone(c.tz, now())::date + n.number)::timestamp AS day
                  FROM interop_maintenance_window w
                  JOIN interop_connector c ON c.id = w.connector_id
                 CROSS JOIN generate_series(-35, 182) AS n(number)
                 WHERE w.active AND w.kind = 'weekly'
                   AND CASE EXTRACT(ISODOW FROM timezone(c.tz, now())::date + n.number)
                            WHEN 1 THEN w.monday WHEN 2 THEN w.tuesday WHEN 3 THEN w.wednesday
                            WHEN 4 THEN w.thursday WHEN 5 THEN w.friday WHEN 6 THEN w.saturday
                            ELSE w.sunday END
            ), times AS (
                SELECT d.id, d.number,
                       timezone('UTC', timezone(d.tz, d.day + make_interval(
                           mins => round(d.time_from * 60)::int))) AS starts_at,
                       timezone('UTC', timezone(d.tz, d.day + make_interval(
                           days => (d.time_to <= d.time_from)::int,
                           mins => round(d.time_to * 60)::int))) AS ends_at
                  FROM days d
                 UNION ALL
                SELECT w.id, 0, w.starts_at, w.ends_at FROM interop_maintenance_window w
                 WHERE w.active AND w.kind = 'once'
            )
            SELECT w.id * 1000 + t.number + 100 AS id, w.id AS window_id, w.name, w.connector_id,
                   w.kind, t.starts_at, t.ends_at
              FROM times t JOIN interop_maintenance_window w ON w.id = t.id
            """
        )

    def action_open_window(self) -> dict:
        """Open the window that this is one time of."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.maintenance.window",
            "res_id": self.window_id.id,
            "views": [(False, "form")],
        }
