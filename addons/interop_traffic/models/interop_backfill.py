from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.interop_queue.lib.handlers import HANDLERS
from odoo.addons.interop_queue.lib.routing import ConditionError, parse_condition
from odoo.addons.interop_queue.lib.spans import span

from ..lib.backfilling import seconds_for, share

STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]


class InteropBackfill(models.Model):
    """Records that are there already go through a flow, as if its event happened to them now.

    One transaction puts a chunk of messages into the queue and moves the cursor, so that whatever
    is killed in between, each record gets exactly one message.
    """

    _name = "interop.backfill"
    _description = "Backfill"
    _inherit = [
        "mail.thread",
        "interop.audit.configured",
        "interop.backfill.acts",
        "interop.backfill.work",
    ]
    _order = "id desc"

    _configured_noun = "backfill"
    # What it counts while it works; who starts, pauses and ends it is noted as acts of their own.
    _configured_unseen = frozenset(
        {
            "state", "record_count", "queued_count", "skipped_count", "cursor_id", "until_id",
            "waits_because", "failure", "reason", "started_at", "started_by_id", "paced_at",
            "ended_at",
        }
    )  # fmt: skip

    name = fields.Char(
        required=True, tracking=True, help="What is brought to the partner, and why now."
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
        help="Running: messages come about bit by bit, behind live traffic. Failed: a person has "
        "to look; it goes on from where it was.",
    )
    flow_id = fields.Many2one(
        "interop.flow",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('direction', '=', 'out'), ('state', '=', 'live')]",
        help="The live flow that the records go through, as it is published.",
    )
    area_id = fields.Many2one(
        related="flow_id.area_id", store=True, tracking=False, help="The flow's area."
    )
    company_id = fields.Many2one(
        related="flow_id.company_id",
        store=True,
        tracking=False,
        help="The flow's company; empty: several.",
    )
    connector_id = fields.Many2one(related="flow_id.connector_id", help="The way to the partner.")
    company_ids = fields.Many2many(
        "res.company",
        string="Companies",
        required=True,
        default=lambda self: self.env.companies,
        domain="[('id', 'in', allowed_company_ids)]",
        help="Only records of these companies, and those that belong to none.",
    )
    record_model = fields.Char(
        related="flow_id.record_model", help="The kind of records that the flow is about."
    )
    domain = fields.Char(
        string="Records",
        required=True,
        default="[]",
        help="Which records. Those that the flow's own condition or partner refuses are skipped "
        "and counted.",
    )
    per_minute = fields.Integer(
        string="Messages a minute",
        required=True,
        default=60,
        tracking=True,
        help="So many come about in a minute at most. It may be changed while it runs.",
    )
    backlog_at_most = fields.Integer(
        string="Stop at a backlog of",
        required=True,
        default=500,
        tracking=True,
        help="Nothing is added while so many messages of the connector have not left.",
    )
    record_count = fields.Integer(
        string="Records chosen", readonly=True, copy=False, help="How many there were at the start."
    )
    queued_count = fields.Integer(
        string="Messages made", readonly=True, copy=False, help="Records that got their message."
    )
    skipped_count = fields.Integer(
        string="Skipped",
        readonly=True,
        copy=False,
        help="Records that the flow does not take: its condition, its company or its partner does "
        "not fit.",
    )
    progress = fields.Float(
        compute="_compute_progress", help="How much of the records was looked at."
    )
    forecast = fields.Char(
        compute="_compute_forecast",
        help="How many records there are, and how long they take at this pace.",
    )
    cursor_id = fields.Integer(
        string="Came to", readonly=True, copy=False, help="The last record that was looked at."
    )
    until_id = fields.Integer(
        string="Goes to",
        readonly=True,
        copy=False,
        help="Younger records are live traffic: they have messages of their own.",
    )
    waits_because = fields.Char(
        string="Waits", readonly=True, copy=False, help="Why nothing is added just now."
    )
    failure = fields.Char(
        string="What went wrong", readonly=True, copy=False, help="Without any content."
    )
    reason = fields.Char(
        readonly=True, copy=False, tracking=True, help="Why it was started. Kept as evidence."
    )
    started_at = fields.Datetime(string="Started", readonly=True, copy=False, help="When it began.")
    started_by_id = fields.Many2one(
        "res.users", string="Started by", readonly=True, copy=False, help="Who answers for it."
    )
    paced_at = fields.Datetime(readonly=True, copy=False, help="When messages were last added.")
    ended_at = fields.Datetime(string="Ended", readonly=True, copy=False, help="When it ended.")

    _pace_sane = models.Constraint(
        "CHECK(per_minute BETWEEN 1 AND 6000)", "Choose 1 to 6,000 messages a minute."
    )
    _backlog_sane = models.Constraint(
        "CHECK(backlog_at_most BETWEEN 1 AND 1000000)", "Choose a backlog of 1 to 1,000,000."
    )

    # -- computed ------------------------------------------------------------------------------

    @api.depends("queued_count", "skipped_count", "record_count", "state")
    def _compute_progress(self) -> None:
        for backfill in self:
            looked_at = backfill.queued_count + backfill.skipped_count
            begun = backfill.state not in ("draft", "cancelled") or looked_at
            backfill.progress = share(looked_at, backfill.record_count) if begun else 0.0

    @api.depends(
        "state", "domain", "flow_id", "company_ids", "per_minute", "queued_count", "skipped_count"
    )
    def _compute_forecast(self) -> None:
        for backfill in self:
            backfill.forecast = False
            if backfill.state == "draft":
                if backfill.flow_id and not backfill._problem() and backfill.per_minute > 0:
                    backfill.forecast = backfill._told_forecast(backfill._count())
            elif backfill.state in ("running", "paused", "failed"):
                left = backfill.record_count - backfill.queued_count - backfill.skipped_count
                backfill.forecast = backfill._told_forecast(max(left, 0))

    def _told_forecast(self, count: int) -> str:
        return self.env._(
            "%(count)s records: %(time)s at most at this pace, if nothing holds them up",
            count=f"{count:,}",
            time=span(seconds_for(count, self.per_minute)),
        )

    # -- checks --------------------------------------------------------------------------------

    @api.constrains("flow_id", "domain")
    def _check_records(self) -> None:
        for backfill in self:
            if problem := backfill._problem():
                raise ValidationError(problem)

    @api.constrains("company_ids")
    def _check_companies(self) -> None:
        for backfill in self:
            if not self.env.su and backfill.company_ids - self.env.companies:
                raise ValidationError(self.env._("Choose among the companies you are working in."))

    def _problem(self) -> str | None:
        if not self.record_model:
            return self.env._("This flow's documents are not made of records in Odoo.")
        try:
            items = parse_condition(self.domain)
        except ConditionError:
            return self.env._("Choose records by fields and plain values: nothing is computed.")
        return self.env["interop.routing"]._problem(self.record_model, items)

    def write(self, vals):
        fixed = vals.keys() & {"flow_id", "domain", "company_ids"}
        if fixed and any(backfill.state != "draft" for backfill in self):
            raise UserError(self.env._("What is brought over is fixed once it has started."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_started(self) -> None:
        if any(backfill.state != "draft" for backfill in self):
            raise UserError(self.env._("A backfill that was started is evidence. Cancel it."))

    # -- the records ---------------------------------------------------------------------------

    def _records(self) -> models.BaseModel:
        """Looked for with the engine's rights, as an event would find them; not the archived."""
        routing = self.env["interop.routing"]
        return routing._judging(self.record_model).with_context(active_test=True)

    def _wanted(self) -> Domain:
        wanted = Domain(parse_condition(self.domain))
        wanted &= Domain(list(self._handler()._happened))
        companies = self.company_id or self.company_ids
        if "company_id" in self.env[self.record_model]._fields:
            wanted &= Domain("company_id", "in", [False, *companies.ids])
        return wanted

    def _handler(self) -> models.BaseModel:
        return self.env[HANDLERS.get(self.flow_id.handler).model]

    def _count(self) -> int:
        return self._records().search_count(self._wanted())
