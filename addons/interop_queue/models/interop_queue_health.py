from odoo import api, fields, models
from odoo.tools import SQL

from ..lib.spans import span
from ..lib.statements import statement
from ..lib.states import DIRECTIONS, OPEN_STATES

# Older than this, and lanes are too few, too slow, or not running.
LAG_IS_LONG = 300


class InteropQueueHealth(models.Model):
    """How the queue fares, per connector and direction: figures, made when they are looked at.

    Only messages that the asking user may see are counted, and only open ones, so that looking
    costs no more when years of finished messages lie behind.
    """

    _name = "interop.queue.health"
    _description = "Queue Health"
    _auto = False
    _log_access = False
    _order = "connector_id, direction desc"
    _rec_name = "connector_id"

    connector_id = fields.Many2one("interop.connector", readonly=True, help="The connector.")
    connector_state = fields.Selection(
        related="connector_id.state", string="Connector is", help="Whether messages travel on it."
    )
    company_id = fields.Many2one(
        related="connector_id.company_id",
        help="The company of the connector. Empty: shared by all.",
    )
    area_id = fields.Many2one(
        related="connector_id.area_id", help="The business area of the connector."
    )
    direction = fields.Selection(
        DIRECTIONS, readonly=True, help="To the partner or from the partner."
    )
    ready = fields.Integer(readonly=True, help="Messages that the next free lane takes.")
    oldest_ready = fields.Float(
        string="Oldest ready (s)", readonly=True, aggregator="max",
        help="Seconds since the time of the oldest ready message came.",
    )  # fmt: skip
    oldest_ready_told = fields.Char(
        string="Oldest ready",
        compute="_compute_told",
        help="How long the oldest ready message has been ready, behind a pause as well.",
    )
    running = fields.Integer(readonly=True, help="Messages that lanes have in their hands.")
    in_flight_limit = fields.Integer(
        string="At most", readonly=True, aggregator=None,
        help="How many may be on their way to this partner at once.",
    )  # fmt: skip
    expired = fields.Integer(
        string="Lease over", readonly=True,
        help="Messages whose lane has not settled them in time: it died or hangs. The reaper takes "
        "them back every two minutes.",
    )  # fmt: skip
    waiting = fields.Integer(
        string="For their time", readonly=True, help="Messages that wait for their next try."
    )
    next_due_at = fields.Datetime(
        string="Next due", readonly=True, help="When the next of these is due."
    )
    gathering = fields.Integer(
        string="For their batch", readonly=True,
        help="Messages that are gathered for a batch, or whose batch awaits its release.",
    )  # fmt: skip
    parked = fields.Integer(
        string="For their turn", readonly=True,
        help="Messages that wait for the one before them in their chain.",
    )  # fmt: skip
    dead = fields.Integer(
        string="Dead letters", readonly=True, help="Messages that wait for a person to decide."
    )
    lost = fields.Integer(
        string="Leases lost, 24 h", readonly=True,
        help="Messages taken back from workers that died or hung, in the last 24 hours.",
    )  # fmt: skip
    lag = fields.Float(
        string="Lag (s)", readonly=True, aggregator="max",
        help="Seconds for which the oldest message that a lane may take has been waiting.",
    )  # fmt: skip
    lag_told = fields.Char(
        string="Lag",
        compute="_compute_told",
        help="How long the oldest message that a lane may take has been waiting. Long: lanes are "
        "too few, too slow, or do not run.",
    )
    waits_for = fields.Char(
        compute="_compute_waits_for",
        help="What holds back messages to this partner just now: a circuit breaker, a maintenance "
        "window, a rate limit. They are sent by themselves when it is over.",
    )
    backlog_told = fields.Char(
        string="Backlog",
        compute="_compute_backlog_told",
        help="How many messages of all people wait or run, and when they will be gone, if it goes "
        "on as in the last five minutes. Dead letters are not counted.",
    )
    verdict = fields.Selection(
        [("well", "Well"), ("look", "To look at"), ("trouble", "In trouble")],
        compute="_compute_told",
        string="Health",
        help="In trouble: leases have run out, or messages lie longer than five minutes. To look "
        "at: dead letters, lost leases, or messages behind a pause.",
    )

    @property
    def _table_query(self) -> SQL:
        seen = self.env["interop.message"]._search([("state", "in", OPEN_STATES)])
        return SQL(statement("queue_health"), open=seen.select(SQL("interop_message.*")))

    @api.depends("oldest_ready", "lag", "ready", "expired", "dead", "lost")
    def _compute_told(self) -> None:
        for row in self:
            row.oldest_ready_told = span(row.oldest_ready) if row.ready else False
            row.lag_told = span(row.lag) if row.lag else False
            if row.expired or row.lag > LAG_IS_LONG:
                row.verdict = "trouble"
            elif row.dead or row.lost or (row.ready and not row.lag):
                row.verdict = "look"
            else:
                row.verdict = "well"

    @api.depends("connector_id", "direction")
    def _compute_waits_for(self) -> None:
        for row in self:
            row.waits_for = row.direction == "out" and row.connector_id.gates_told

    def _compute_backlog_told(self) -> None:
        found = self.connector_id._forecasts()
        for row in self:
            about = found.get((row.connector_id.id, row.direction), (None, 0))
            row.backlog_told = row.connector_id._tell_forecast(row.direction, *about)

    # -- the messages behind a figure -------------------------------------------------------------

    def action_view_open(self) -> dict:
        """Open everything that is not finished."""
        return self._view(self.env._("Open messages"), [("state", "in", list(OPEN_STATES))])

    def action_view_ready(self) -> dict:
        """Open the ready messages."""
        return self._view(self.env._("Ready"), [("state", "=", "ready")])

    def action_view_running(self) -> dict:
        """Open the messages that lanes have in their hands."""
        return self._view(self.env._("Running"), [("state", "=", "running")])

    def action_view_expired(self) -> dict:
        """Open the messages whose lease is over."""
        overdue = [("state", "=", "running"), ("lease_until", "<", "now")]
        return self._view(self.env._("Lease over"), overdue)

    def action_view_waiting(self) -> dict:
        """Open the messages that wait for their time."""
        for_time = [("state", "=", "waiting"), ("parked", "=", False), ("held", "=", False)]
        return self._view(self.env._("Waiting for their time"), for_time)

    def action_view_gathering(self) -> dict:
        """Open the messages that wait for their batch."""
        for_batch = [("state", "=", "waiting"), ("held", "in", ["batch", "release"])]
        return self._view(self.env._("Waiting for their batch"), for_batch)

    def action_view_parked(self) -> dict:
        """Open the messages that wait for the one before them."""
        for_turn = [("state", "=", "waiting"), ("parked", "=", True)]
        return self._view(self.env._("Waiting for their turn"), for_turn)

    def action_view_dead(self) -> dict:
        """Open the dead letters."""
        return self._view(self.env._("Dead letters"), [("state", "=", "dead")])

    def action_view_lost(self) -> dict:
        """Open what was taken back from workers in the last day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_lane_loss_action"
        )
        mine = [("connector_id", "=", self.connector_id.id), ("direction", "=", self.direction)]
        return action | {"domain": mine, "context": {"search_default_day": 1}}

    def _view(self, title: str, domain: list) -> dict:
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        mine = [("connector_id", "=", self.connector_id.id), ("direction", "=", self.direction)]
        name = f"{title}: {self.connector_id.display_name}"
        return action | {"name": name, "display_name": name, "domain": mine + domain, "context": {}}
