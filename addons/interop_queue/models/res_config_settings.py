from odoo import api, fields, models
from odoo.tools import config

from ..lib.readiness import some
from .interop_flow_second_person import APPROVER
from .interop_retention import PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    interop_lane_number = fields.Integer(
        string="Scheduled lanes",
        default=lambda self: self._default_lane_number(),
        help="How many scheduled actions move messages at the same time, 1 to 16. One is enough "
        "for most; more help when much happens at once.",
    )
    interop_lane_slots = fields.Integer(
        string="Messages at the same time per lane",
        default=lambda self: self._default_lane_slots(),
        help="How many messages each scheduled lane has under way at most, 1 to 16.",
    )
    interop_cron_threads = fields.Integer(
        compute="_compute_interop_cron_threads",
        help="How many scheduled actions this server runs at the same time (max_cron_threads).",
    )
    interop_cron_short = fields.Boolean(
        compute="_compute_interop_cron_threads",
        help="The server runs fewer scheduled actions at once than the lanes need.",
    )

    interop_identity_check = fields.Selection(
        related="company_id.interop_identity_check", readonly=False
    )
    interop_reading_minutes = fields.Integer(
        related="company_id.interop_reading_minutes", readonly=False
    )
    interop_second_person = fields.Selection(
        related="company_id.interop_second_person", readonly=False
    )
    interop_approvers = fields.Char(
        string="Approvers",
        compute="_compute_interop_approvers",
        help="Who holds the right “Approver” in this company. Nobody has it by another role.",
    )
    interop_purging = fields.Selection(
        [("ask", "Ask first if it is much"), ("on", "On"), ("off", "Off")],
        string="Purging",
        default=lambda self: self._default_purging(),
        help="Whether content past its retention class's days is destroyed. Ask first: it begins "
        "by itself unless it would purge more than 1,000 messages at once, as after an upgrade.",
    )

    @api.depends("interop_lane_number")
    def _compute_interop_cron_threads(self) -> None:
        threads = config["max_cron_threads"]
        for settings in self:
            settings.interop_cron_threads = threads
            settings.interop_cron_short = threads < settings.interop_lane_number + 1

    @api.depends("company_id")
    def _compute_interop_approvers(self):
        everybody = self.env.ref(APPROVER).sudo().all_user_ids.filtered("active")
        for settings in self:
            company = settings.company_id
            here = everybody.filtered(lambda user, of=company: of in user.company_ids)
            settings.interop_approvers = (
                self.env._("May approve: %s", some(here.mapped("name")))
                if here
                else self.env._(
                    "Nobody may approve yet. Give the right “Approver” to somebody: Settings, "
                    "Users, Approval."
                )
            )

    def action_interop_approvers(self) -> dict:
        """The users of this company who may approve."""
        domain = [
            ("all_group_ids", "in", self.env.ref(APPROVER).ids),
            ("company_ids", "in", self.company_id.ids),
        ]
        return self.env["ir.actions.act_window"]._for_xml_id("base.action_res_users") | {
            "name": self.env._("Who may approve"),
            "domain": domain,
            "context": {},
        }

    def set_values(self):
        done = super().set_values()
        lanes = self.env["interop.lane"]
        # Who saves other settings must not be held up by how lanes are set.
        if self.interop_lane_number != self._default_lane_number():
            lanes._set_number(self.interop_lane_number)
        if self.interop_lane_slots != self._default_lane_slots():
            lanes._set_slots(self.interop_lane_slots)
        before = self._default_purging()
        if self.interop_purging and self.interop_purging != before:
            value = self.interop_purging if self.interop_purging != "ask" else False
            self.env["ir.config_parameter"].sudo().set_param(PARAMETER, value)
            self.env["interop.audit"]._record(
                "retention.purging", details={"before": before, "now": self.interop_purging}
            )
        return done

    @api.model
    def _default_purging(self) -> str:
        return self.env["ir.config_parameter"].sudo().get_param(PARAMETER) or "ask"

    @api.model
    def _default_lane_number(self) -> int:
        return len(self.env["interop.lane"]._scheduled())

    @api.model
    def _default_lane_slots(self) -> int:
        return self.env["interop.lane"]._scheduled()[:1].slots
