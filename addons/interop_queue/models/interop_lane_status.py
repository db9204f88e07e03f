from odoo import api, fields, models

# A dedicated worker says every few seconds that it is well.
SILENT_AFTER = 60
# Odoo looks at its scheduled actions once a minute; a run takes some seconds, rarely a minute.
CRON_SILENT_AFTER = 300

LIVES_BY = (
    "retired", "kind", "cron_id.active", "heartbeat_at", "in_hand", "last_started_at",
    "last_ended_at", "last_reason", "doing",
)  # fmt: skip
STATUSES = [
    ("working", "Working"),
    ("idle", "Idle"),
    ("still", "Stands still"),
    ("silent", "Not heard of"),
    ("ended", "Ended"),
    ("off", "Switched off"),
]


class InteropLaneStatus(models.AbstractModel):
    """Whether a lane is alive, by the database's clock."""

    _name = "interop.lane.status"
    _description = "Lane: Status"

    status = fields.Selection(
        STATUSES,
        compute="_compute_status",
        search="_search_status",
        help="Working: has messages in hand. Idle: alive, and nothing to do. Stands still: may not "
        "work, see why. Not heard of: a dedicated worker that has said nothing for a minute, or a "
        "scheduled lane that Odoo has not run for five. Ended: a dedicated worker that was told to "
        "stop and did. Switched off: on purpose.",
    )
    told = fields.Char(
        string="Does now",
        compute="_compute_status",
        help="What it is doing just now, or why it stands still.",
    )
    silence = fields.Integer(
        compute="_compute_status", help="Seconds since the lane was last heard of."
    )

    @api.depends(lambda self: LIVES_BY if self._name == "interop.lane" else ())
    def _compute_status(self) -> None:
        self.env.cr.execute("SELECT timezone('utc', clock_timestamp())")
        [now] = self.env.cr.fetchone()
        for lane in self:
            heard = max(
                filter(None, (lane.heartbeat_at, lane.last_started_at, lane.last_ended_at)),
                default=None,
            )
            lane.silence = (now - heard).total_seconds() if heard else 0
            lane.told = lane.last_reason or lane.doing
            lane.status = lane._status(None if heard is None else lane.silence)

    def _status(self, silence: float | None) -> str:
        scheduled = self.kind == "scheduled"
        if self.retired or (scheduled and not self.sudo().cron_id.active):
            return "off"
        started, ended = self.last_started_at, self.last_ended_at
        if not scheduled and ended and (not started or ended >= started):
            return "ended"
        if silence is None or silence > (CRON_SILENT_AFTER if scheduled else SILENT_AFTER):
            return "silent"
        if self.last_reason:
            return "still"
        running = scheduled and started and (not ended or ended < started)
        return "working" if running or self.in_hand else "idle"

    @api.model
    def _search_status(self, operator: str, value) -> list:
        if operator not in ("in", "not in"):
            return NotImplemented
        found = self.search([]).filtered(lambda lane: lane.status in value)
        return [("id", operator, found.ids)]

    def action_view_messages(self) -> dict:
        """Open the messages that this lane has in its hands."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        domain = [("state", "=", "running"), ("lane", "=like", f"{self._like_name()}@%")]
        name = self.env._("In the hands of %s", self.name)
        return action | {"name": name, "display_name": name, "domain": domain, "context": {}}

    def _like_name(self) -> str:
        return self.name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
