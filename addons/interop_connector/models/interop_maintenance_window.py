from datetime import UTC, datetime
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.traffic.windows import Once, Weekly, Window

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class InteropMaintenanceWindow(models.Model):
    """A time in which nothing is sent to a partner; messages wait, and none is lost.

    What the partner sends us meanwhile is taken in as ever: it costs them nothing, and refusing it
    would lose it if they do not repeat.
    """

    _name = "interop.maintenance.window"
    _description = "Maintenance Window"
    _inherit = ["interop.audit.configured"]
    _configured_noun = "maintenance_window"
    _order = "connector_id, kind desc, starts_at, time_from, id"

    name = fields.Char(
        string="Why",
        required=True,
        help="What happens then, for example “Nightly backup of their order system”.",
    )
    active = fields.Boolean(default=True, help="Off: this window is kept and does not count.")
    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        ondelete="cascade",
        index=True,
        help="The connector on which nothing is sent in this time.",
    )
    kind = fields.Selection(
        [("weekly", "Every week"), ("once", "Once")],
        required=True,
        default="weekly",
        help="Every week on the chosen days, or once from one moment to another.",
    )
    monday = fields.Boolean(help="Whether it begins on Mondays.")
    tuesday = fields.Boolean(help="Whether it begins on Tuesdays.")
    wednesday = fields.Boolean(help="Whether it begins on Wednesdays.")
    thursday = fields.Boolean(help="Whether it begins on Thursdays.")
    friday = fields.Boolean(help="Whether it begins on Fridays.")
    saturday = fields.Boolean(help="Whether it begins on Saturdays.")
    sunday = fields.Boolean(help="Whether it begins on Sundays.")
    time_from = fields.Float(
        string="From", help="When it begins on each of these days, in the connector's time zone."
    )
    time_to = fields.Float(
        string="To",
        help="When it ends. A time that is not after the begin is one of the next day; the same "
        "time means 24 hours.",
    )
    starts_at = fields.Datetime(string="Starts", help="When it begins, in your own time zone.")
    ends_at = fields.Datetime(string="Ends", help="When it ends, in your own time zone.")
    tz = fields.Selection(
        related="connector_id.tz",
        string="Time zone",
        help="The time zone of the connector, in which the times of the week are meant.",
    )
    days_told = fields.Char(
        string="When", compute="_compute_told", help="The days and times, in one line."
    )
    next_at = fields.Datetime(
        string="Next", compute="_compute_told", help="When it begins next, or has begun."
    )
    next_until = fields.Datetime(
        string="Until", compute="_compute_told", help="When that one is over."
    )
    note = fields.Text(help="Whom to call, what to look at afterwards.")

    _times_sane = models.Constraint(
        "CHECK(time_from >= 0 AND time_from < 24 AND time_to >= 0 AND time_to <= 24)",
        "Times of the day are between 00:00 and 24:00.",
    )

    @api.constrains("kind", "starts_at", "ends_at", *WEEKDAYS)
    def _check_when(self) -> None:
        for window in self:
            if window.kind == "weekly" and not any(window[day] for day in WEEKDAYS):
                raise ValidationError(self.env._("Choose at least one day of the week."))
            if window.kind == "once" and not (
                window.starts_at and window.ends_at and window.starts_at < window.ends_at
            ):
                raise ValidationError(
                    self.env._("Say when it starts and when it ends; the end is after the start.")
                )

    def _rule(self) -> Window:
        """The window for the arithmetic."""
        self.ensure_one()
        if self.kind == "once":
            return Once(self.starts_at.replace(tzinfo=UTC), self.ends_at.replace(tzinfo=UTC))
        return Weekly(
            frozenset(number for number, day in enumerate(WEEKDAYS) if self[day]),
            round(self.time_from * 60),
            round(self.time_to * 60),
        )

    @api.depends("kind", "starts_at", "ends_at", "time_from", "time_to", "tz", *WEEKDAYS)
    def _compute_told(self) -> None:
        now = datetime.now(UTC)
        for window in self:
            complete = window.kind == "weekly" or (window.starts_at and window.ends_at)
            span = complete and window.connector_id._closure([window._rule()], now)
            window.next_at = span and span.begin.replace(tzinfo=None)
            window.next_until = span and span.end.replace(tzinfo=None)
            window.days_told = window._tell_days()

    def _tell_days(self) -> str:
        self.ensure_one()
        if self.kind == "once":
            return self.env._("Once")
        days = [self._fields[day]._description_string(self.env) for day in WEEKDAYS if self[day]]
        return self.env._(
            "%(days)s, %(from)s to %(to)s (%(zone)s)",
            days=", ".join(days) if len(days) < 7 else self.env._("Every day"),
            **{"from": _clock(self.time_from), "to": _clock(self.time_to)},
            zone=self.connector_id.tz or "UTC",
        )

    # -- what a change does -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]):
        windows = super().create(vals_list)
        windows.connector_id._windows_changed()
        return windows

    def write(self, vals: dict[str, Any]) -> bool:
        connectors = self.connector_id
        done = super().write(vals)
        (connectors | self.connector_id)._windows_changed()
        return done

    def unlink(self) -> bool:
        connectors = self.connector_id
        done = super().unlink()
        connectors._windows_changed()
        return done


def _clock(hours: float) -> str:
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
