from datetime import timedelta

from odoo import api, fields, models

from ..lib.retry import (
    MAX_ATTEMPTS,
    MAX_HOURS,
    PAUSE_MINUTES,
    STRATEGIES,
    Try,
    make_strategy,
    schedule,
)
from ..lib.spans import span

SETTINGS = ("retry_strategy", "retry_max_attempts", "retry_max_hours", "retry_pause_minutes")
# A longer schedule shows its beginning and its end.
SHOWN_AT_MOST = 14


class InteropFlowRetry(models.AbstractModel):
    """When a message of a flow is tried again, and the timetable that this makes."""

    _name = "interop.flow.retry"
    _description = "Flow: Retries"

    retry_strategy = fields.Selection(
        selection="_selection_retry",
        required=True,
        default="exponential",
        tracking=True,
        help="When a message is tried again after a temporary problem of the partner or of the "
        "network. What the partner refuses is never tried again by itself.",
    )
    retry_max_attempts = fields.Integer(
        string="Attempts at most",
        default=MAX_ATTEMPTS,
        required=True,
        tracking=True,
        help="After so many tries the message becomes a dead letter, for a person to decide.",
    )
    retry_max_hours = fields.Integer(
        string="Give up after",
        default=MAX_HOURS,
        required=True,
        tracking=True,
        help="No try is made later than so many hours after the message was accepted, or after a "
        "person let it run again: it becomes a dead letter.",
    )
    retry_pause_minutes = fields.Integer(
        string="Try again every",
        default=PAUSE_MINUTES,
        required=True,
        tracking=True,
        help="Minutes between two tries.",
    )
    retry_schedule = fields.Html(
        string="When it is tried",
        compute="_compute_retry_schedule",
        sanitize=False,
        help="Each try of a message that meets one temporary problem after the other.",
    )

    @api.model
    def _selection_retry(self) -> list[tuple[str, str]]:
        return [(code, STRATEGIES.get(code).label) for code in STRATEGIES.codes()]

    @api.depends(*SETTINGS)
    def _compute_retry_schedule(self) -> None:
        for flow in self:
            if not flow.retry_strategy:
                flow.retry_schedule = False
                continue
            tries = schedule(make_strategy({name: flow[name] for name in SETTINGS}))
            flow.retry_schedule = self.env["ir.qweb"]._render(
                "interop_queue.retry_schedule",
                {
                    "rows": flow._schedule_rows(tries),
                    "ends": span(tries[-1].elapsed),
                    "number": len(tries),
                    "by_age": flow.retry_strategy != "none"
                    and len(tries) < flow.retry_max_attempts,
                    "hours": flow.retry_max_hours,
                },
            )

    def _schedule_rows(self, tries: list[Try]) -> list[dict[str, object]]:
        """The lines of the table; None stands for those that are left out."""
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        rows = [
            {
                "number": each.number,
                "pause": span(each.pause) if each.pause else "",
                "elapsed": span(each.elapsed) if each.elapsed else "",
                "until": self._moment(now, each.elapsed),
            }
            for each in tries
        ]
        if len(rows) > SHOWN_AT_MOST:
            rows = [
                *rows[: SHOWN_AT_MOST - 2],
                {"left_out": len(rows) - SHOWN_AT_MOST + 1},
                rows[-1],
            ]
        return rows

    def _moment(self, now, seconds: float) -> str:
        then = now + timedelta(seconds=seconds)
        return then.strftime("%H:%M:%S" if then.date() == now.date() else "%Y-%m-%d %H:%M")
