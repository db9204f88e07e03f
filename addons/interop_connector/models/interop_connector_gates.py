from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get

from ..lib.traffic.breaker import CLOSED
from ..lib.traffic.windows import Span, Window, next_closure


class InteropConnectorGates(models.AbstractModel):
    """What may hold back messages to a partner: its rate limit, its maintenance windows, throttles.

    All of this is live and not published: an operator turns it on a bad night.
    """

    _name = "interop.connector.gates"
    _description = "Connector: Gates"

    rate_limit = fields.Integer(
        string="At most",
        default=0,
        required=True,
        help="How many payloads may be sent to this partner per second or minute, over all lanes "
        "and computers. What is beyond waits, and catches up at this rate. 0: no limit.",
    )
    rate_unit = fields.Selection(
        [("second", "per second"), ("minute", "per minute")],
        required=True,
        default="second",
        help="What the limit is counted over.",
    )
    rate_burst = fields.Integer(
        string="At once",
        required=True,
        default=10,
        help="How many may go at once after a quiet time before the limit holds them back.",
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="The partner's time zone: maintenance windows are meant in it.",
    )
    window_ids = fields.One2many(
        "interop.maintenance.window",
        "connector_id",
        string="Maintenance windows",
        help="Times in which nothing is sent. Messages wait, and none is lost.",
    )
    windows_changed = fields.Boolean(
        readonly=True,
        copy=False,
        help="Windows were changed, and the queue has not worked out the next one yet; it does so "
        "within a second, and sends nothing meanwhile.",
    )
    gates_told = fields.Char(
        string="Waits for",
        compute="_compute_gates_told",
        help="What holds back messages to this partner just now. Empty: nothing.",
    )
    is_throttled = fields.Boolean(
        compute="_compute_gates_told",
        help="The partner asked to slow down, and that time is not over.",
    )

    _rate_sane = models.Constraint(
        "CHECK(rate_limit >= 0 AND rate_limit <= 100000 AND rate_burst BETWEEN 1 AND 100000)",
        "The limit is 0 (none) to 100,000, and at least one payload goes at once.",
    )

    @api.depends("endpoint_ids.breaker_state", "window_ids.active", "rate_limit", "tz")
    def _compute_gates_told(self) -> None:
        for connector in self:
            closed = [gate for gate in connector._gates() if gate["holds"]]
            connector.gates_told = " ".join(gate["told"] for gate in closed) or False
            connector.is_throttled = any(gate["gate"] == "throttle" for gate in closed)

    def write(self, vals: dict[str, Any]) -> bool:
        done = super().write(vals)
        if "tz" in vals:
            self._windows_changed()
        return done

    def _gates(self) -> list[dict[str, Any]]:
        """Each gate's state in words, for people.

        `gate`: breaker (one for each endpoint), window, throttle or rate; `state`; `told`: a
        sentence; `until`: a UTC datetime or False; `holds`: whether it holds back messages now;
        for a breaker also `endpoint_id`, `name`, `purpose` and `reason`.
        """
        self.ensure_one()
        now = datetime.now(UTC)
        runtime = self.sudo().runtime_ids[:1]
        gates = self._breaker_gates()
        span = self._closure([w._rule() for w in self.sudo().window_ids if w.active], now)
        if span:
            gates.append(self._window_gate(span, now))
        until = runtime.throttled_until
        if until and until.replace(tzinfo=UTC) > now:
            told = self.env._("The partner asked to slow down until %s.", self._local(until))
            gates.append(_gate("throttle", "closed", told, until, True))
        if self.rate_limit:
            gates.append(self._rate_gate())
        return gates

    def _breaker_gates(self) -> list[dict[str, Any]]:
        labels = dict(self.env["interop.endpoint"]._fields["breaker_state"].selection)
        gates = []
        endpoints = self.endpoint_ids
        for endpoint in endpoints:
            state = endpoint.breaker_state
            told = f"{endpoint.name}: {labels[state]}."
            if endpoint.breaker_reason:
                reason = endpoint.breaker_reason.rstrip(".")
                told = f"{endpoint.name}: {labels[state]} ({reason})."
            beside = endpoints.filtered(lambda e, p=endpoint.purpose: e.purpose == p)
            gates.append(
                _gate(
                    "breaker",
                    state,
                    told,
                    endpoint.breaker_until,
                    state != CLOSED and not any(e._is_usable() for e in beside),
                )
                | {
                    "endpoint_id": endpoint.id,
                    "name": endpoint.name,
                    "purpose": endpoint.purpose,
                    "reason": endpoint.breaker_reason,
                }
            )
        return gates

    def _window_gate(self, span: Span, now: datetime) -> dict[str, Any]:
        begin, end = span.begin.replace(tzinfo=None), span.end.replace(tzinfo=None)
        if span.begin <= now:
            told = self.env._("Maintenance until %s.", self._local(end))
            return _gate("window", "closed", told, end, True)
        told = self.env._("Next maintenance at %s.", self._local(begin))
        return _gate("window", "open", told, begin, False)

    def _rate_gate(self) -> dict[str, Any]:
        unit = dict(self._fields["rate_unit"]._description_selection(self.env))[self.rate_unit]
        left = self._tokens_left()
        told = self.env._("At most %(limit)s %(unit)s", limit=self.rate_limit, unit=unit)
        told += "." if left >= 1 else self.env._(": the limit is used up for a moment.")
        return _gate("rate", "open" if left >= 1 else "closed", told, False, left < 1) | {
            "limit": self.rate_limit,
            "unit": self.rate_unit,
            "tokens": left,
        }

    def _tokens_left(self) -> float:
        runtime = self.sudo().runtime_ids[:1]
        if not runtime.tokens_at:
            return float(self.rate_burst)
        rate = self.rate_limit / (60.0 if self.rate_unit == "minute" else 1.0)
        gone = (datetime.now(UTC) - runtime.tokens_at.replace(tzinfo=UTC)).total_seconds()
        return min(self.rate_burst, runtime.tokens + gone * rate)

    def _local(self, moment: datetime) -> str:
        """A moment as the person who asks reads clocks, or the connector if nobody does."""
        zone = ZoneInfo(self.env.user.tz or self.tz or "UTC")
        return moment.replace(tzinfo=UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")

    def _closure(self, windows: Sequence[Window], now: datetime) -> Span | None:
        """The time in which one of these windows is closed, now or next."""
        return next_closure(windows, ZoneInfo(self.sudo().tz or "UTC"), now)

    def action_end_throttle(self) -> bool:
        """Send again although the partner asked to wait longer. Operators."""
        self.ensure_one()
        self.endpoint_ids._require_operator()
        self.sudo().runtime_ids.throttled_until = False
        self.invalidate_recordset(["gates_told", "is_throttled"])
        self._audit("end_throttle")
        self._gates_changed()
        return True

    def action_view_windows(self) -> dict[str, Any]:
        """Open this connector's maintenance windows."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_connector.interop_maintenance_window_action"
        )
        return action | {
            "domain": [("connector_id", "=", self.id)],
            "context": {"default_connector_id": self.id},
        }

    def action_view_calendar(self) -> dict[str, Any]:
        """Open the calendar of this connector's maintenance windows."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_connector.interop_maintenance_occurrence_action"
        )
        return action | {"domain": [("connector_id", "=", self.id)]}

    def _windows_changed(self) -> None:
        """The next window has to be worked out anew; nothing is sent before the queue has."""
        if self:
            # Past `write`, which leaves out what is so already: the queue may be about to take up
            # an earlier change, and has to wait for this one.
            self.env.cr.execute(
                "UPDATE interop_connector SET windows_changed = TRUE WHERE id = ANY (%s)",
                [self.ids],
            )
            self.invalidate_recordset(["windows_changed"], flush=False)
            self._gates_changed()

    def _gates_changed(self) -> None:
        """For what stands above: messages may be able to travel now that could not before."""


def _gate(gate: str, state: str, told: str, until: Any, holds: bool) -> dict[str, Any]:
    return {"gate": gate, "state": state, "told": told, "until": until, "holds": holds}
