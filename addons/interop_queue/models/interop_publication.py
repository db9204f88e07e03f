import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.plan import compile_plan
from .interop_flow_second_person import APPROVER

STATES = [
    ("proposed", "Waits for approval"),
    ("approved", "Approved and in force"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]


class InteropPublication(models.Model):
    """What somebody proposed to put in force, what it would change, and what another decided."""

    _name = "interop.publication"
    _description = "Publication"
    _inherit = ["interop.audit.immutable"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name", string="Title", help="Flow and number.")
    flow_id = fields.Many2one(
        "interop.flow",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        help="The flow that would change.",
    )
    company_id = fields.Many2one(related="flow_id.company_id", store=True, index=True)
    area_id = fields.Many2one(related="flow_id.area_id", store=True, index=True)
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        default="proposed",
        readonly=True,
        help="Nothing proposed takes effect before it is approved.",
    )
    snapshot_id = fields.Many2one(
        "interop.snapshot",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="Exactly what is proposed. If the draft changes, it must be proposed anew.",
    )
    before_id = fields.Many2one(
        "interop.flow.version",
        string="In force when proposed",
        readonly=True,
        ondelete="restrict",
        help="What it was compared with.",
    )
    again_id = fields.Many2one(
        "interop.flow.version",
        string="Rolls back to",
        readonly=True,
        ondelete="restrict",
        help="The older version that would be in force again. Empty: the draft is proposed.",
    )
    version_id = fields.Many2one(
        "interop.flow.version",
        compute="_compute_version",
        help="The version it became.",
    )
    reason = fields.Text(
        required=True, readonly=True, help="Why it is to change, in the words of who proposed it."
    )
    findings = fields.Text(
        string="Not ready",
        readonly=True,
        help="What the readiness check and the samples said when it was proposed.",
    )
    changes_html = fields.Html(
        string="What changes",
        compute="_compute_changes_html",
        sanitize=False,
        help="What would run differently, field by field.",
    )
    proposed_by_id = fields.Many2one("res.users", readonly=True, help="Who proposed it.")
    proposed_at = fields.Datetime(readonly=True, help="When it was proposed.")
    author_ids = fields.Many2many(
        "res.users",
        string="Written by",
        readonly=True,
        help="Who changed something of it since the last publication. They cannot approve it.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, help="Who decided.")
    decided_at = fields.Datetime(readonly=True, help="When it was decided.")
    decision_reason = fields.Text(readonly=True, help="What who decided had to say.")
    approval_problem = fields.Char(
        compute="_compute_approval_problem", help="Why you cannot approve it."
    )

    _one_open = models.UniqueIndex(
        "(flow_id) WHERE state = 'proposed'",
        "Something is proposed for this flow already. Decide or withdraw it first.",
    )

    @api.depends("flow_id.name")
    def _compute_name(self) -> None:
        for publication in self:
            publication.name = self.env._(
                "%(flow)s, proposal %(number)s",
                flow=publication.flow_id.name,
                number=publication.id or 0,
            )

    def _compute_version(self) -> None:
        versions = self.env["interop.flow.version"].search([("publication_id", "in", self.ids)])
        for publication in self:
            publication.version_id = versions.filtered(
                lambda version, of=publication: version.publication_id == of
            )[:1]

    @api.depends("snapshot_id", "before_id")
    def _compute_changes_html(self) -> None:
        for publication in self:
            before = publication.before_id._value() if publication.before_id else None
            publication.changes_html = self.env["interop.version.compare"]._differences(
                before, publication.sudo().snapshot_id._value()
            )

    @api.depends_context("uid")
    @api.depends("state", "author_ids")
    def _compute_approval_problem(self) -> None:
        for publication in self:
            publication.approval_problem = (
                publication.state == "proposed"
                and publication.flow_id._approval_problem(publication)
            )

    # -- acts ----------------------------------------------------------------------------------

    @api.model
    def _propose(
        self, flow: models.BaseModel, reason: str, again: models.BaseModel | None = None
    ) -> "InteropPublication":
        """Write down what the draft, or an older version, would put in force."""
        flow._require_manager()
        flow.check_access("write")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why, for who approves it and for who asks later."))
        if again:
            again.check_access("read")
            if again.flow_id != flow:
                raise UserError(self.env._("That version is one of another flow."))
            value = again._value()
            self._check_runs(value)
        else:
            flow._check_ready_to_publish()
            value = flow._snapshot()
        stored = self.env["interop.snapshot"].sudo()._publish("flow", value)
        if stored == flow.sudo().version_id.snapshot_id:
            raise UserError(self.env._("Nothing differs from what is in force already."))
        facts = {
            "flow_id": flow.id,
            "snapshot_id": stored.id,
            "before_id": flow.version_id.id,
            "again_id": again.id if again else False,
            "reason": reason,
            "findings": flow._findings_text(),
            "proposed_by_id": self.env.uid,
            "proposed_at": fields.Datetime.now(),
            "author_ids": [fields.Command.set([] if again else flow._authors().ids)],
        }
        publication = self.sudo()._make_genuine([facts])
        self.env["interop.audit"]._record(
            "flow.proposed", record=flow, digest=stored.digest, details={"reason": reason}
        )
        publication._tell_approvers()
        return self.browse(publication.id)

    def _tell_approvers(self) -> None:
        """Tell those who may approve. What would change is not in it: they read that here."""
        self.ensure_one()
        flow = self.flow_id
        approvers = flow._approvers() - self.author_ids - self.proposed_by_id
        if not flow.needs_second_person or not approvers:
            return
        # Queued: a slow mail server holds up nobody who proposes.
        flow.with_context(mail_notify_force_send=False).message_post(
            body=self.env._(
                "%(who)s proposes a change of this flow. Read and decide it under Configuration, "
                "Publications.",
                who=self.proposed_by_id.name,
            ),
            partner_ids=approvers.partner_id.ids,
        )

    def action_approve(self, reason: str = "") -> None:
        """Put in force exactly what was proposed. An approver, who wrote none of it."""
        self._decide("approved", reason)

    def action_reject(self, reason: str) -> None:
        """Refuse it, with a reason for who proposed it."""
        if not (reason or "").strip():
            raise UserError(self.env._("Say why, so that who proposed it can do better."))
        self._decide("rejected", reason)

    def action_withdraw(self) -> None:
        """Take back what one proposed oneself."""
        self._decide("withdrawn", "")

    def action_decide(self) -> dict:
        """Ask for the reason and the decision."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide"),
            "res_model": "interop.publication.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_publication_id": self.id},
        }

    def _approve_alone(self) -> None:
        """Put in force what one proposed oneself, where one person may."""
        self._decide("approved", "", alone=True)

    def _decide(self, state: str, reason: str, alone: bool = False) -> None:
        for publication in self:
            flow = publication.flow_id
            publication._check_may_decide(state, alone)
            # Of two people who decide at once, the second finds it decided.
            publication.sudo().lock_for_update()
            publication.invalidate_recordset(["state"])
            if publication.state != "proposed":
                raise UserError(self.env._("This was decided already."))
            if state == "approved":
                if not alone or flow.needs_second_person:
                    publication._check_may_approve()
                publication._check_unchanged()
            if state == "withdrawn" and publication.proposed_by_id != self.env.user:
                raise AccessError(self.env._("Only who proposed it can withdraw it. Reject it."))
            publication.sudo()._store_genuine(
                {
                    "state": state,
                    "decided_by_id": self.env.uid,
                    "decided_at": fields.Datetime.now(),
                    "decision_reason": (reason or "").strip() or False,
                }
            )
            self.env["interop.audit"]._record(
                f"flow.publication.{state}",
                record=flow,
                digest=publication.sudo().snapshot_id.digest,
                details={"publication": publication.id, "reason": (reason or "").strip()},
            )
            if state == "approved":
                # An approver need not be a manager: that it was approved is what allows it.
                flow.sudo()._publish_now(
                    publication.sudo().snapshot_id._value(), publication, publication.again_id
                )

    def _check_may_decide(self, state: str, alone: bool) -> None:
        """Approvers approve and reject what they see; managers reject, and withdraw their own."""
        self.ensure_one()
        flow = self.flow_id
        flow.check_access("read")
        if state != "withdrawn" and not alone and self.env.user.has_group(APPROVER):
            return
        if state == "approved" and not alone:
            # The same for everybody else, an administrator of Odoo among them.
            raise UserError(flow._approval_problem(self))
        flow._require_manager()
        flow.check_access("write")

    def _check_may_approve(self) -> None:
        if problem := self.flow_id._approval_problem(self):
            raise UserError(problem)

    def _check_unchanged(self) -> None:
        """Approved is what was read, and nothing else."""
        self.ensure_one()
        flow, proposed = self.flow_id, self.sudo().snapshot_id
        if flow.version_id != self.before_id:
            raise UserError(
                self.env._(
                    "Another version was put in force since this was proposed. Reject it and have "
                    "it proposed anew."
                )
            )
        if self.again_id:
            self._check_runs(proposed._value())
            return
        flow.sudo()._check_ready_to_publish()
        if flow._snapshot() != proposed._value():
            raise UserError(
                self.env._(
                    "The draft has changed since this was proposed. Reject it and have the new "
                    "draft proposed."
                )
            )

    @api.model
    def _check_runs(self, value: dict) -> None:
        """An older version may need what is no longer installed."""
        try:
            compile_plan("", json.dumps(value))
        except InteropError as error:
            raise UserError(error.sentence) from None

    def _immutable_sentence(self) -> str:
        return self.env._(
            "What was proposed is evidence: it is not changed, deleted or made by hand. Propose, "
            "decide and withdraw it with the buttons."
        )
