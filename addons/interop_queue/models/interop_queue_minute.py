from odoo import api, fields, models

from ..lib.statements import statement
from ..lib.states import DIRECTIONS

KEPT_DAYS = 2


class InteropQueueMinute(models.Model):
    """What left the queue in one minute, per connector and direction.

    Written by the engine with SQL of its own. Kept apart from the messages, so that looking at the
    last hour costs sixty small rows, whatever lies behind.
    """

    _name = "interop.queue.minute"
    _description = "Minute of the Queue"
    _order = "minute desc, id desc"
    _log_access = False
    _rec_name = "minute"

    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The connector whose messages these were.",
    )  # fmt: skip
    direction = fields.Selection(
        DIRECTIONS, required=True, readonly=True, help="To the partner or from the partner."
    )
    minute = fields.Datetime(required=True, readonly=True, help="When the minute began.")
    ok = fields.Integer(readonly=True, required=True, default=0, help="Messages that went through.")
    failed = fields.Integer(
        readonly=True, required=True, default=0, help="Tries that failed, those of retries as well."
    )
    gone = fields.Integer(
        readonly=True, required=True, default=0,
        help="Messages that left the queue: those that went through and those that became dead "
        "letters.",
    )  # fmt: skip
    latency_ms = fields.Float(
        string="Time, all together (ms)", readonly=True, required=True, default=0,
        help="Outbound: how long the exchanges with the partner took. Inbound: how long messages "
        "had lain here before they were taken up.",
    )  # fmt: skip
    latency_count = fields.Integer(
        string="Times counted", readonly=True, required=True, default=0,
        help="Of how many messages the time is known.",
    )  # fmt: skip
    latency_max_ms = fields.Float(
        string="Longest time (ms)", readonly=True, required=True, default=0,
        help="The longest of these times.",
    )  # fmt: skip

    _once = models.UniqueIndex("(connector_id, direction, minute)")

    @api.autovacuum
    def _gc_minutes(self) -> None:
        self.env.cr.execute(statement("forget_minutes"), {"days": KEPT_DAYS})
