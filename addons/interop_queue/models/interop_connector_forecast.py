from datetime import datetime, timedelta
from typing import Any

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..engine.transaction import run
from ..lib import forecast as forecasting
from ..lib.forecast import Forecast, forecast
from ..lib.spans import span


class InteropConnector(models.Model):
    """How a connector has fared in the last minutes, and when its backlog will be gone."""

    _inherit = "interop.connector"

    backlog_out_told = fields.Char(
        string="Backlog out",
        compute="_compute_backlog_told",
        help="When what waits for this partner will be gone, if it goes on as in the last minutes.",
    )
    backlog_in_told = fields.Char(
        string="Backlog in",
        compute="_compute_backlog_told",
        help="When what came from this partner will have been taken up, if it goes on as in the "
        "last minutes.",
    )

    def _last_hour(self, direction: str | None = None, minutes: int = 60) -> list[dict[str, Any]]:
        """The last `minutes` minutes, oldest first, empty ones too, the present one last.

        Each is a dict: `minute` (datetime, UTC), `ok` and `failed` (tries that went through and
        that did not), `latency_ms` (average, None if nothing was timed). `direction` is "out" or
        "in", None for both.
        """
        self.ensure_one()
        self.check_access("read")
        return run(
            self.env.cr,
            "last_minutes",
            connector_id=self.id,
            direction=direction,
            minutes=minutes,
        )

    # -- when a backlog will be gone ---------------------------------------------------------------

    def _forecasts(self) -> dict[tuple[int, str], tuple[Forecast, int]]:
        """Per connector and direction: what will become of the backlog, and how large it is.

        Counted over all messages of the connectors, whoever asks: how fast a lane works does not
        depend on what one may see of it. Only numbers leave here, never a message.
        """
        ids = self._origin.ids
        if not ids:
            return {}
        self.env.flush_all()
        since = self._since()
        [newest] = run(self.env.cr, "id_since", since=since)
        rows = run(
            self.env.cr,
            "flows_of_minutes",
            connector_ids=ids,
            after=newest["id"],
            since=since,
        )
        seconds = (self._now() - since).total_seconds()
        standing = {connector._origin.id: connector._stands_still() for connector in self}
        return {
            (row["connector_id"], row["direction"]): (
                forecast(
                    row["open"],
                    row["arrived"],
                    row["gone"],
                    seconds,
                    held=bool(standing[row["connector_id"]].get(row["direction"])),
                ),
                row["open"],
            )
            for row in rows
        }

    def _stands_still(self) -> dict[str, str]:
        """Direction -> why nothing leaves just now on purpose; what has no reason is left out."""
        self.ensure_one()
        if self.state in ("active", "draining"):
            # A rate limit slows down and a throttle is over soon: what leaves shows in the figures.
            closed = [
                gate["told"].rstrip(".")
                for gate in self._gates()
                if gate["holds"] and gate["gate"] in ("breaker", "window")
            ]
            return {"out": "; ".join(closed)} if closed else {}
        words = dict(self._fields["state"]._description_selection(self.env))
        told = self.env._("the connector is: %s", words.get(self.state, self.state))
        return {"out": told, "in": told}

    def _now(self) -> datetime:
        self.env.cr.execute("SELECT timezone('utc', clock_timestamp())")
        return self.env.cr.fetchone()[0]

    def _since(self) -> datetime:
        """The beginning of the minute from which on rates are taken."""
        whole = self._now().replace(second=0, microsecond=0)
        return whole - timedelta(minutes=forecasting.MINUTES)

    @api.depends("state")
    def _compute_backlog_told(self) -> None:
        found = self._forecasts()
        for connector in self:
            for direction in ("out", "in"):
                told = connector._tell_forecast(
                    direction, *found.get((connector._origin.id, direction), (None, 0))
                )
                connector[f"backlog_{direction}_told"] = told

    def _tell_forecast(self, direction: str, found: Forecast | None, backlog: int) -> str | bool:
        """One sentence, False where there is no backlog."""
        self.ensure_one()
        if found is None or found.kind == forecasting.EMPTY:
            return False
        match found.kind:
            case forecasting.GONE:
                return self._tell_gone(found, backlog)
            case forecasting.GROWS:
                return self.env._(
                    "%(open)s, growing: %(came)s come and %(left)s leave a minute",
                    open=backlog,
                    came=_rate(found.arriving),
                    left=_rate(found.leaving),
                )
            case forecasting.SLOW:
                return self.env._(
                    "%(open)s, not gone at this rate (%(left)s leave a minute)",
                    open=backlog,
                    left=_rate(found.leaving),
                )
            case forecasting.HELD:
                return self.env._(
                    "%(open)s, standing still: %(reason)s",
                    open=backlog,
                    reason=self._stands_still()[direction],
                )
        return self.env._("%s, none left in the last minutes", backlog)

    def _tell_gone(self, found: Forecast, backlog: int) -> str:
        seconds = found.seconds or 0.0
        if seconds < 60:
            return self.env._("%s, gone within a minute", backlog)
        at = self._now() + timedelta(seconds=seconds)
        shown = format_datetime(
            self.env, at, dt_format="HH:mm" if seconds < 12 * 3600 else "EEE HH:mm"
        )
        return self.env._(
            "%(open)s, gone at about %(at)s (in %(span)s)",
            open=backlog,
            at=shown,
            span=span(seconds),
        )


def _rate(per_minute: float) -> str:
    """A rate as people say it: small ones with one place."""
    return f"{per_minute:.1f}" if per_minute < 10 else f"{per_minute:.0f}"
