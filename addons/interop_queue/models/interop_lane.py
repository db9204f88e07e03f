import logging

import psycopg2

from odoo import api, fields, models

from ..engine import gates, maintenance, tracking
from ..engine.conclusion import conclude_forgotten
from ..engine.lane import Lane, Report
from ..engine.missing import catch_up
from ..engine.presence import Presence
from ..engine.transaction import read_committed, run
from ..engine.wake import notify, notify_in

_logger = logging.getLogger(__name__)

# Odoo's cron polls this often by itself; what is due sooner needs a word from us.
CRON_POLL = 60


class InteropLane(models.Model):
    """A worker loop over the queue: a scheduled action of Odoo, or a process of its own.

    One scheduled action is never run twice at once, so each scheduled lane has one. Odoo runs at
    most `max_cron_threads` scheduled actions at a time: keep that above the number of lanes. A
    dedicated worker writes its own row while it runs.
    """

    _name = "interop.lane"
    _description = "Lane"
    _inherit = ["interop.lane.number", "interop.lane.status", "interop.audit.configured"]
    _configured_noun = "lane"
    _order = "kind desc, sequence, id"
    _log_access = False

    name = fields.Char(required=True, help="The lane's name, as it stands beside messages.")
    retired = fields.Boolean(
        readonly=True, help="The settings ask for fewer lanes; kept for when they ask for more."
    )
    kind = fields.Selection(
        [("scheduled", "Scheduled"), ("dedicated", "Dedicated worker")],
        required=True,
        default="scheduled",
        readonly=True,
        help="Scheduled: run by Odoo's own scheduled actions. Dedicated worker: a process of its "
        "own, started on this or another computer.",
    )
    sequence = fields.Integer(default=10, help="The first lane is woken first.")
    cron_id = fields.Many2one(
        "ir.cron",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The scheduled action that runs it.",
    )
    cron_active = fields.Boolean(
        related="cron_id.active",
        string="Switched on",
        help="Off: somebody has switched off the scheduled action, and the lane does not run.",
    )
    slots = fields.Integer(
        string="At the same time",
        default=16,
        aggregator="sum",
        help="How many messages the lane has under way at most. More than 16 belong in a dedicated "
        "worker.",
    )
    host = fields.Char(readonly=True, help="The computer it runs on, or ran on last.")
    pid = fields.Integer(
        string="Process", readonly=True, aggregator=None, help="Its process on that computer."
    )
    heartbeat_at = fields.Datetime(
        string="Heard of",
        readonly=True,
        default=lambda self: self.env.cr.now(),
        help="When it last said that it is well, or was made.",
    )
    doing = fields.Char(string="Under way", readonly=True, help="What it is doing just now.")
    in_hand = fields.Integer(
        string="In hand",
        readonly=True,
        aggregator="sum",
        help="Messages that it has claimed and not settled yet.",
    )
    last_started_at = fields.Datetime(
        string="Last began", readonly=True, help="When it last began a run."
    )
    last_ended_at = fields.Datetime(
        string="Last ended", readonly=True, help="When it last ended a run."
    )
    last_handled = fields.Integer(
        string="Handled last",
        readonly=True,
        aggregator="sum",
        help="Messages handled in the last run.",
    )
    last_reason = fields.Char(
        string="Stands still because",
        readonly=True,
        help="Why the lane moved nothing: closed environment fence or missing key. Empty is good.",
    )

    _slots_sane = models.Constraint(
        "CHECK(slots > 0 AND (kind <> 'scheduled' OR slots <= 16))",
        "A scheduled lane has 1 to 16 messages under way. For more, start a dedicated worker.",
    )

    def _configured_concerned(self):
        # What runs writes its own facts, and dedicated workers their own rows.
        return self.filtered(lambda lane: lane.kind == "scheduled")

    @api.model
    def _cron_run(self, number: int) -> None:
        """Run the lane of the scheduled action that calls this.

        `number` tells people and hand calls which one that is; lanes may be retired and reordered.
        """
        lane = self._of_cron(self.env.context.get("cron_id"), number)
        if not lane:
            return
        facts = (self.env.registry, lane.id, lane.name, lane.slots)
        # Ends this transaction: its snapshot would hold back vacuum for as long as the lane runs.
        # Nothing remains as far as Odoo's cron is concerned: the lane calls itself again below.
        self.env["ir.cron"]._commit_progress(remaining=0)
        self._run_lane(*facts)

    @api.model
    def _cron_stage(self) -> None:
        """Make ready what is due, and wake a lane for it. Called every minute."""
        registry = self.env.registry
        self.env["ir.cron"]._commit_progress(remaining=0)
        gates.refresh_windows(registry)
        maintenance.stage(registry)
        self._call_again(registry, [])

    @api.model
    def _cron_reap(self) -> None:
        """Take back lost leases and catch up on what failing hooks and dying workers missed."""
        registry = self.env.registry
        self.env["ir.cron"]._commit_progress(remaining=0)
        maintenance.reap(registry)
        maintenance.release_forgotten(registry)
        maintenance.recount(registry)
        conclude_forgotten(registry)
        catch_up(registry)
        tracking.sweep(registry)
        self.env["interop.connector"]._end_drains()
        self._forget_gone()
        # What came back wakes nobody, and a lane that was killed could not call itself again.
        self._call_again(registry, [])
        self.env["interop.outcome"]._sweep()

    @api.model
    def _drain(self, max_seconds: float = 10.0, name: str = "drain") -> Report:
        """Run a lane here and now until nothing is claimable. It has cursors of its own."""
        return Lane(self.env.registry, name, budget=max_seconds).run()

    @api.model
    def _run_lane(self, registry, lane_id: int, name: str, slots: int) -> None:
        lane = Lane(registry, name, slots)
        woken: list[int] = []

        def wake_others() -> None:
            if not woken:
                woken.append(lane_id)
                self._call_again(registry, woken)

        lane.on_backlog = wake_others
        lane.presence = Presence(lane_id, lane.host, lane.pid)
        try:
            lane.presence.began(registry)
            lane.run()
            lane.presence.ended(registry, lane.report.handled, lane.report.reason)
        except Exception as failure:
            # Odoo switches off a scheduled action that fails again and again: nothing escapes. What
            # the lane had in hand comes back when its lease ends.
            _logger.warning(
                "interop: %s stopped early (%s)",
                lane.name,
                type(failure).__name__,
                exc_info=not isinstance(failure, psycopg2.Error),
            )
            return
        # A lane that could do nothing must not call itself at once for the same messages; behind a
        # gate they call nobody before it opens.
        if lane.report.handled or lane.seconds_to_gate() is not None:
            self._call_again(registry, [])

    @api.model
    def _call_again(self, registry, but_not: list[int]) -> None:
        """Wake lanes if work is ready; set an alarm if some will be before the cron polls."""
        with read_committed(registry) as cr:
            [row] = run(cr, "next_due")
            [gate] = run(cr, "gates_next", environment=None)
            coming = (row["seconds"], gate["seconds"])
            due = min((seconds for seconds in coming if seconds is not None), default=None)
            cr.execute(
                "SELECT l.cron_id, l.id FROM interop_lane l JOIN ir_cron c ON c.id = l.cron_id "
                "WHERE l.retired IS NOT TRUE AND c.active ORDER BY l.sequence, l.id"
            )
            crons = [cron_id for cron_id, lane_id in cr.fetchall() if lane_id not in but_not]
            [ready] = run(cr, "count_claimable", limit=200)
            if ready["count"]:
                run(cr, "wake_lanes", cron_ids=crons if ready["count"] > 16 else crons[:1])
            elif due is not None and due <= CRON_POLL and crons:
                run(cr, "wake_later", cron_id=crons[0], seconds=max(float(due), 0.0))
        if ready["count"]:
            notify(registry.db_name)
        elif due is not None and due <= CRON_POLL:
            notify_in(registry.db_name, max(float(due), 0.0) + 0.05)
