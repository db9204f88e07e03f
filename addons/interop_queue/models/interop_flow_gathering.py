from typing import Any

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..engine.wake import wake_after_commit
from ..lib.batching import GATHERED, Batching, batching_of
from ..lib.departures import parse_times
from ..lib.modes import BATCH
from ..lib.totals import parse_paths, unusable

DAYS = (
    "batch_monday", "batch_tuesday", "batch_wednesday", "batch_thursday", "batch_friday",
    "batch_saturday", "batch_sunday",
)  # fmt: skip
RELEASE_HOURS_AT_MOST = 24 * 30


class InteropFlowGathering(models.AbstractModel):
    """When a batch of a flow leaves, what is added up for it, and who releases it."""

    _name = "interop.flow.gathering"
    _description = "Flow: Departures of Batches"

    batch_times = fields.Char(
        string="Leaves at",
        tracking=True,
        help="Times of day at which a batch leaves with what is gathered: 09:00, 14:30. Empty: by "
        "interval, number or size only.",
    )
    batch_monday = fields.Boolean("Monday", default=True, help="Batches leave on Mondays.")
    batch_tuesday = fields.Boolean("Tuesday", default=True, help="Batches leave on Tuesdays.")
    batch_wednesday = fields.Boolean("Wednesday", default=True, help="Batches leave on Wednesdays.")
    batch_thursday = fields.Boolean("Thursday", default=True, help="Batches leave on Thursdays.")
    batch_friday = fields.Boolean("Friday", default=True, help="Batches leave on Fridays.")
    batch_saturday = fields.Boolean("Saturday", default=True, help="Batches leave on Saturdays.")
    batch_sunday = fields.Boolean("Sunday", default=True, help="Batches leave on Sundays.")
    batch_zone = fields.Selection(
        _tz_get,
        string="Time zone",
        tracking=True,
        help="In which times of day and weekdays are meant. Empty: the company's, else UTC.",
    )
    batch_kilobytes = fields.Integer(
        string="Or when so much is gathered",
        tracking=True,
        help="Kilobytes, as far as the sizes of documents are known before they are composed. 0: "
        "no matter.",
    )
    batch_totals = fields.Char(
        string="Add up",
        tracking=True,
        help="Numbers of the document whose sums are kept with each batch, by currency or unit: "
        "totals.net.amount, lines[].quantity. They are readable for all who see the batch.",
    )
    batch_release = fields.Boolean(
        string="A person releases it",
        tracking=True,
        help="The batch is composed and sealed, and leaves only when an operator has looked at its "
        "totals and released it. What leaves is exactly what was released.",
    )
    batch_release_hours = fields.Integer(
        string="Release within",
        required=True,
        default=4,
        tracking=True,
        help="Hours after which a batch that nobody has released becomes an exception.",
    )
    batch_cut_at = fields.Datetime(
        string="Asked to leave at",
        readonly=True,
        copy=False,
        help="When a person last asked that what is gathered leaves at once.",
    )
    batch_cut_by_id = fields.Many2one(
        "res.users", string="Asked by", readonly=True, copy=False, help="Who asked for it."
    )
    batch_next_at = fields.Datetime(
        string="Next departure",
        compute="_compute_batch_next_at",
        help="When the next batch leaves by the schedule in force. It may leave earlier, by number "
        "or size.",
    )
    batch_gathered = fields.Integer(
        string="Gathered", compute="_compute_batch_gathered",
        help="Messages that wait for the next batch.",
    )  # fmt: skip

    def _published_settings(self) -> dict[str, Any]:
        zone = self.batch_zone or ""
        if self.mode == BATCH and not zone:
            zone = self.company_id.partner_id.tz or "UTC"
        return super()._published_settings() | {
            "batch_times": self.batch_times or "",
            "batch_days": [number for number, name in enumerate(DAYS) if self[name]],
            "batch_zone": zone,
            "batch_kilobytes": self.batch_kilobytes,
            "batch_release": self.batch_release,
            "batch_release_hours": self.batch_release_hours,
            "batch_totals": list(parse_paths(self.batch_totals or "")),
        }

    @api.depends("mode", "batch_gathered", "version_id")
    def _compute_batch_next_at(self) -> None:
        found = self._batching()
        now = fields.Datetime.now()
        for flow in self:
            batching = found.get(flow._origin.id)
            flow.batch_next_at = batching.departures.next_after(now) if batching else False

    def _compute_batch_gathered(self) -> None:
        counts = dict(
            self.env["interop.message"]._read_group(
                [
                    ("flow_id", "in", self._origin.ids),
                    ("held", "=", GATHERED),
                    ("state", "=", "waiting"),
                ],
                ["flow_id"],
                ["__count"],
            )
        )
        for flow in self:
            flow.batch_gathered = counts.get(flow._origin, 0)

    # -- checks --------------------------------------------------------------------------------

    @api.constrains("mode", "direction", "batch_size", "batch_kilobytes", *DAYS)
    def _check_gathering(self) -> None:
        for flow in self.filtered(lambda flow: flow.mode == BATCH):
            if flow.direction != "out":
                raise ValidationError(self.env._("Only what we send can be gathered in batches."))
            if flow.batch_size < 2:
                raise ValidationError(
                    self.env._(
                        "A batch holds several documents: choose how many leave together at most."
                    )
                )
            if flow.batch_kilobytes < 0:
                raise ValidationError(self.env._("Kilobytes cannot be fewer than none."))
            if not any(flow[name] for name in DAYS):
                raise ValidationError(self.env._("Choose a weekday on which batches leave."))

    @api.constrains("batch_times")
    def _check_batch_times(self) -> None:
        for flow in self:
            try:
                parse_times(flow.batch_times or "")
            except ValueError as wrong:
                raise ValidationError(
                    self.env._("“%s” is no time of day: write 09:00, 14:30.", wrong)
                ) from None

    @api.constrains("batch_release_hours")
    def _check_batch_release_hours(self) -> None:
        for flow in self:
            if not 1 <= flow.batch_release_hours <= RELEASE_HOURS_AT_MOST:
                raise ValidationError(self.env._("Release within 1 to 720 hours (30 days)."))

    @api.constrains("batch_totals", "document_type_id")
    def _check_batch_totals(self) -> None:
        for flow in self:
            paths = parse_paths(flow.batch_totals or "")
            if wrong := paths and unusable(paths, flow.document_type_id.sudo()._schema()):
                raise ValidationError(
                    self.env._(
                        "These cannot be added up: %s. Choose numbers of the document that point "
                        "to nobody and are no secret, and nor must the currency or unit "
                        "beside them.",
                        ", ".join(wrong),
                    )
                )

    # -- acts ----------------------------------------------------------------------------------

    def action_cut_now(self) -> bool:
        """Let what is gathered leave at once, without waiting for the schedule. Operators."""
        if not self.env.user.has_group("interop_base.group_operator") and not self.env.su:
            raise UserError(self.env._("Only Interop operators may do this."))
        for flow in self:
            if not flow.batch_gathered:
                raise UserError(self.env._("Nothing is gathered for “%s”.", flow.name))
            self.env.cr.execute("SELECT timezone('utc', clock_timestamp())")
            [now] = self.env.cr.fetchone()
            flow.sudo().write({"batch_cut_at": now, "batch_cut_by_id": self.env.uid})
            self.env["interop.audit"]._record(
                "batch.cut_asked", record=flow, details={"gathered": flow.batch_gathered}
            )
        wake_after_commit(self.env)
        return True

    def action_view_gathered(self) -> dict:
        """Open the messages that wait for the next batch."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_queue.interop_message_action"
        )
        domain = [("flow_id", "=", self.id), ("held", "=", GATHERED)]
        return action | {"domain": domain, "context": {}}

    @api.model
    @tools.ormcache()
    def _batching(self) -> dict[int, Batching]:
        """Flow → how it gathers, of the flows in batch mode, as published."""
        found = {}
        for flow in self.env["interop.flow"].sudo().search([("version_id", "!=", False)]):
            _version_id, plan = self.env["interop.flow.version"]._plan_of(flow.id)
            if batching := batching_of(plan.flow):
                found[flow.id] = batching
        return found
