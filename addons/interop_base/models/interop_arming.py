from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.environments import ENVIRONMENTS


class InteropArming(models.Model):
    """A request to arm an installation that takes two people: one asks, another approves."""

    _name = "interop.arming"
    _description = "Arming Request"
    _order = "id desc"
    _log_access = False

    state = fields.Selection(
        [
            ("asked", "Waits for approval"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="asked",
        help="Nothing is sent or received before somebody else has approved the request.",
    )
    why_two = fields.Char(
        string="Why two people", readonly=True, help="Why one person may not do it alone."
    )
    reason = fields.Char(
        required=True, readonly=True, help="Why this database is to talk to partners from here on."
    )
    environment = fields.Selection(
        ENVIRONMENTS, readonly=True, help="The environment that the installation is armed for."
    )
    requested_by_id = fields.Many2one(
        "res.users", string="Asked by", readonly=True, ondelete="set null", help="Who asked."
    )
    requested_at = fields.Datetime(string="Asked at", readonly=True, help="When it was asked.")
    decided_by_id = fields.Many2one(
        "res.users",
        string="Decided by",
        readonly=True,
        ondelete="set null",
        help="Who approved or refused. Never the one who asked.",
    )
    decided_at = fields.Datetime(readonly=True, help="When it was decided.")
    obstacles = fields.Text(
        string="Still to be done",
        compute="_compute_obstacles",
        help="What has to be done before the request can be approved.",
    )
    may_decide = fields.Boolean(
        compute="_compute_obstacles", help="Whether you are somebody who may decide about it."
    )
    approver_names = fields.Char(
        string="Who may approve",
        compute="_compute_obstacles",
        help="Users with the role Approver, other than the one who asked.",
    )

    _one_open = models.UniqueIndex(
        "((true)) WHERE state = 'asked'", "There is an open request to arm already."
    )

    @api.depends("requested_at")
    def _compute_display_name(self):
        for arming in self:
            when = fields.Datetime.to_string(arming.requested_at) if arming.requested_at else ""
            arming.display_name = self.env._("Arming asked for at %s", when)

    def _compute_obstacles(self):
        for arming in self:
            arming.obstacles = "\n".join(arming._obstacles()) if arming.state == "asked" else False
            arming.approver_names = ", ".join(arming._approvers().mapped("name"))
            arming.may_decide = arming.state == "asked" and self.env.user in arming._approvers()

    def _approvers(self) -> models.Model:
        """Active users who may decide about this request."""
        approvers = self.env.ref("interop_base.group_approver").sudo().all_user_ids
        return approvers.filtered("active") - self.sudo().requested_by_id

    def _obstacles(self) -> list[str]:
        """What modules above want to be done before approval, in sentences. Extend it."""
        self.ensure_one()
        return []

    def _on_asked(self) -> None:
        """The request has just been made. Extend it."""

    def _shown(self) -> dict:
        """The window in which people go on with this request. Extend it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # -- acts ----------------------------------------------------------------------------------

    @api.model
    def _ask(self, reason: str) -> "InteropArming":
        """Ask for arming as the present user, a Manager, with a reason. Returns the request."""
        fence = self.env["interop.fence"]
        reason = fence._checked_for_arming(reason)
        why = fence._why_two()
        if not why:
            raise UserError(self.env._("One person may arm this installation: use “Arm…”."))
        if open_one := self.sudo().search([("state", "=", "asked")], limit=1):
            raise UserError(
                self.env._(
                    "%(who)s has asked already. It waits for: %(approvers)s",
                    who=open_one.requested_by_id.name,
                    approvers=open_one.approver_names or self.env._("nobody has the role Approver"),
                )
            )
        arming = self.sudo().create(
            {
                "why_two": why,
                "reason": reason,
                "environment": fence._server_settings().environment,
                "requested_by_id": self.env.uid,
                "requested_at": fields.Datetime.now(),
            }
        )
        arming._on_asked()
        arming._note("fence.arm_asked")
        return arming.sudo(False)

    def action_approve(self) -> bool:
        """Open the fence. Only for an Approver who has not asked for it."""
        self._check_may_decide()
        if obstacles := self._obstacles():
            raise UserError("\n".join(obstacles))
        fence = self.env["interop.fence"].sudo()
        # The facts may have changed since it was asked: another server, a neutralized database.
        fence._checked_for_arming(self.reason)
        if fence._server_settings().environment != self.environment:
            raise UserError(
                self.env._("The server's environment has changed since. Ask for it again.")
            )
        self._decide("approved")
        if fence._is_restored():
            fence._on_take_over(self.reason, self.sudo())
        fence._open(self.reason, "fence.arm_approved")
        return True

    def action_refuse(self) -> bool:
        """The fence stays closed. Only for an Approver who has not asked for it."""
        self._check_may_decide()
        self._decide("refused")
        self._note("fence.arm_refused", "refused")
        return True

    def action_withdraw(self) -> bool:
        """Whoever asked, or a Manager, takes the request back."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_manager"):
            raise AccessError(self.env._("Only Integration Managers may withdraw a request."))
        self._decide("withdrawn")
        self._note("fence.arm_withdrawn")
        return True

    def _check_may_decide(self) -> None:
        self.ensure_one()
        # Asked of the user and never skipped for a superuser: the second person is the point.
        if not self.env.user.has_group("interop_base.group_approver"):
            raise AccessError(self.env._("Only Approvers may decide about arming."))
        if self.env.user == self.sudo().requested_by_id:
            raise AccessError(
                self.env._("Whoever asked for it cannot approve it: ask a colleague.")
            )

    def _decide(self, state: str) -> None:
        arming = self.sudo()
        # Two may decide at once: the second one waits here and is refused.
        arming.flush_recordset()
        self.env.cr.execute("SELECT state FROM interop_arming WHERE id = %s FOR UPDATE", [self.id])
        [(now,)] = self.env.cr.fetchall()
        if now != "asked":
            raise UserError(self.env._("This request has been decided already."))
        arming.write(
            {"state": state, "decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        )

    def _note(self, act: str, outcome: str = "ok") -> None:
        """Evidence, where there is a trail. Extended above."""
