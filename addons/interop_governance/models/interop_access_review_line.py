from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import sql_access

DECISIONS = [
    ("undecided", "Undecided"),
    ("keep", "Kept"),
    ("remove", "To be removed"),
    ("removed", "Removed"),
]


class InteropAccessReviewLine(models.Model):
    """One right of one user in a review. Written by the review and by deciding, never by hand."""

    _name = "interop.access.review.line"
    _description = "Right in an Access Review"
    _order = "review_id desc, user_name, login, id"
    _rec_name = "right"

    review_id = fields.Many2one(
        "interop.access.review",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        help="The review it belongs to.",
    )
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    review_state = fields.Selection(related="review_id.state", string="Status of the review")
    user_id = fields.Many2one(
        "res.users",
        readonly=True,
        ondelete="set null",
        index=True,
        help="Who holds the right. Empty: the user was deleted since.",
    )
    user_name = fields.Char(string="User's name", readonly=True, help="Their name at the time.")
    login = fields.Char(readonly=True, help="What they logged in with at the time.")
    right = fields.Char(readonly=True, help="What the right allows.")
    right_code = fields.Char(readonly=True, help="The right's short name in the review.")
    group_code = fields.Char(string="Role's code", readonly=True, help="The role behind the right.")
    includes = fields.Char(readonly=True, help="Rights that come with this one.")
    given_by = fields.Char(
        string="Comes with",
        readonly=True,
        help="The role that gives it. Empty: it was given for itself.",
    )
    companies = fields.Char(readonly=True, help="The companies the user may work in.")
    areas = fields.Char(
        string="Business areas",
        readonly=True,
        help="The business areas the user sees. Managers see all of them.",
    )
    last_use_at = fields.Datetime(
        string="Last use",
        readonly=True,
        help="When the trail last tells of an act that needs this right or one that comes with it.",
    )
    last_login_at = fields.Datetime(
        string="Last login", readonly=True, help="When the user last logged in."
    )
    unused = fields.Boolean(
        string="Not used for 90 days", readonly=True, help="Neither used nor new in 90 days."
    )
    never_used = fields.Boolean(readonly=True, help="The trail tells of no use at all.")
    clash = fields.Char(
        string="Goes badly together",
        readonly=True,
        help="What is to be said against one person holding this and another right they have.",
    )
    flagged = fields.Boolean(string="To look at", readonly=True, help="Unused, or goes badly.")
    findings = fields.Char(compute="_compute_findings", help="Why to look at it.")
    decision = fields.Selection(
        DECISIONS,
        required=True,
        readonly=True,
        default="undecided",
        index=True,
        help="Kept, to be removed, or removed since.",
    )
    reason = fields.Char(readonly=True, help="Why it was decided so.")
    decided_by_id = fields.Many2one("res.users", readonly=True, help="Who decided.")
    decided_at = fields.Datetime(readonly=True, help="When it was decided.")
    removed_by = fields.Char(readonly=True, help="Who took the right away, by the audit trail.")
    removed_at = fields.Datetime(readonly=True, help="When the right was taken away.")

    @api.depends("unused", "never_used", "clash")
    def _compute_findings(self) -> None:
        for line in self:
            told = []
            if line.never_used and line.unused:
                told.append(self.env._("Never used."))
            elif line.unused:
                told.append(self.env._("Not used for 90 days."))
            line.findings = " ".join([*told, *filter(None, [line.clash])]) or False

    # -- deciding ------------------------------------------------------------------------------

    def action_keep(self) -> dict | None:
        """Keep these rights; of those to look at, say why."""
        self._check_may_decide()
        if self.filtered("flagged"):
            return self._ask("keep")
        self._decide("keep", "")
        return None

    def action_take_away(self) -> dict:
        """Have these rights taken away: say why."""
        self._check_may_decide()
        return self._ask("remove")

    def action_remove_now(self) -> None:
        """Take the rights away now, with one's own right to change users."""
        self._check_may_decide()
        for line in self:
            if line.decision != "remove":
                raise UserError(self.env._("Decide first that it is to be taken away."))
            line._remove()
        self._note_removed()

    def _ask(self, decision: str) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Keep") if decision == "keep" else self.env._("Take away"),
            "res_model": "interop.access.review.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids, "default_decision": decision},
        }

    def _check_may_decide(self) -> None:
        self.review_id._require_manager()
        self.check_access("read")
        if any(review.state != "open" for review in self.review_id):
            raise UserError(self.env._("Rights are decided between beginning and closing."))
        if self.env.user in self.user_id:
            raise UserError(self.env._("Nobody decides about their own rights."))

    def _decide(self, decision: str, reason: str) -> None:
        """Write the decision down, and into the trail; who does this has checked the rights."""
        self._check_may_decide()
        if self.filtered(lambda line: line.decision == "removed"):
            raise UserError(self.env._("What is removed already is not decided anew."))
        if not reason and (decision == "remove" or self.filtered("flagged")):
            raise UserError(self.env._("Say why, for who asks later."))
        self.sudo().write(
            {
                "decision": decision,
                "reason": reason or False,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        for line in self:
            line._act("kept" if decision == "keep" else "to_remove", {"reason": reason})

    def _remove(self) -> None:
        """Take the role from the user, as whoever does it: Odoo's own rights decide."""
        self.ensure_one()
        group = self.env.ref(self.group_code, raise_if_not_found=False)
        user = self.user_id
        if not group or not user or self.given_by:
            raise UserError(
                self.env._(
                    "“%(right)s” of %(user)s comes with %(role)s. Take that away on the user.",
                    right=self.right,
                    user=self.user_name,
                    role=self.given_by or self.env._("another role"),
                )
            )
        try:
            user.write({"group_ids": [fields.Command.unlink(group.id)]})
        except AccessError:
            raise AccessError(
                self.env._("Taking rights away is for who gives them: Odoo's access rights.")
            ) from None

    def _note_removed(self) -> None:
        """Which of the rights that were to go are gone, who took them, and when."""
        # What this very transaction took away stands in the trail when it commits.
        for line in self.filtered(lambda each: each.decision == "remove"):
            if line.user_id.active and line.user_id.sudo().has_group(line.group_code):
                continue
            by, at = line._taken()
            line.sudo().write({"decision": "removed", "removed_by": by, "removed_at": at})
            line._act("removed", {"by": by})

    def _taken(self) -> tuple[str, object]:
        self.env.cr.execute(
            sql_access.TAKEN,
            {"user": self.user_id.id, "right": self.group_code, "since": self.decided_at},
        )
        return self.env.cr.fetchone() or (self.env.user.name, fields.Datetime.now())

    def _act(self, act: str, details: dict) -> None:
        self.env["interop.audit"]._record(
            f"access.review.{act}",
            record=self,
            company_id=self.company_id.id,
            details={"login": self.login, "right": self.group_code, **details},
        )
