import base64
import csv
import io

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

STATES = [
    ("draft", "Being looked at"),
    ("open", "Being decided"),
    ("closed", "Closed"),
]
#: What only this code writes.
OWN = {"state", "taken_at", "opened_by_id", "opened_at", "closed_by_id", "closed_at", "line_ids"}
COLUMNS = (
    "user_name", "login", "right", "includes", "given_by", "companies", "areas", "last_use_at",
    "last_login_at", "findings", "decision", "reason", "decided_by_id", "decided_at", "removed_by",
    "removed_at",
)  # fmt: skip


class InteropAccessReview(models.Model):
    """Who may do what in one company at one time, and what was decided about each right."""

    _name = "interop.access.review"
    _description = "Access Review"
    _inherit = ["interop.access.review.taking", "interop.audit.configured"]
    _order = "id desc"
    _check_company_auto = True
    _configured_noun = "access.review"
    # The buttons tell more.
    _configured_unseen = frozenset(OWN | {"exported_by_id"})

    name = fields.Char(
        required=True,
        default=lambda self: self._default_name(),
        help="What the review is called, for example Access review, autumn 2026.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        help="Whose people are reviewed: everybody who may work in this company.",
    )
    due_on = fields.Date(help="Until when every right is to be decided.")
    note = fields.Text(help="Why it is done, and what to look at. Write no patient data here.")
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        help="Being looked at: nothing is decided yet, and the list can be taken anew. Being "
        "decided: each right is kept or taken away. Closed: it stays as it is.",
    )
    taken_at = fields.Datetime(
        string="As of", readonly=True, copy=False, help="When the list of rights was taken."
    )
    opened_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, help="Who began deciding."
    )
    opened_at = fields.Datetime(readonly=True, copy=False, help="When deciding began.")
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False, help="Who closed it.")
    closed_at = fields.Datetime(readonly=True, copy=False, help="When it was closed.")
    line_ids = fields.One2many(
        "interop.access.review.line",
        "review_id",
        string="Rights",
        readonly=True,
        help="Each right of each user, with its last use.",
    )
    line_count = fields.Integer(
        string="Number of rights", compute="_compute_counts", help="How many rights are reviewed."
    )
    user_count = fields.Integer(
        string="Users", compute="_compute_counts", help="How many users hold them."
    )
    undecided_count = fields.Integer(
        string="Undecided", compute="_compute_counts", help="Rights nothing was decided about yet."
    )
    flagged_count = fields.Integer(
        string="To look at",
        compute="_compute_counts",
        help="Rights that were not used for long, or that go badly with another one.",
    )
    to_remove_count = fields.Integer(
        string="To be removed",
        compute="_compute_counts",
        help="Rights that are to be taken away and are still held.",
    )
    exported_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, help="Who exported it last."
    )
    export = fields.Binary(
        attachment=False,
        compute="_compute_export",
        help="The review as a table (CSV). Stored nowhere.",
    )

    @api.model
    def _default_name(self) -> str:
        today = fields.Date.context_today(self)
        return self.env._("Access review %s", today.strftime("%Y-%m"))

    @api.depends("line_ids.decision")
    def _compute_counts(self) -> None:
        for review in self:
            lines = review.line_ids
            review.line_count = len(lines)
            review.user_count = len(set(lines.mapped("login")))
            review.undecided_count = len(lines.filtered(lambda line: line.decision == "undecided"))
            review.flagged_count = len(lines.filtered("flagged"))
            review.to_remove_count = len(lines.filtered(lambda line: line.decision == "remove"))

    @api.depends("exported_by_id")
    @api.depends_context("uid")
    def _compute_export(self) -> None:
        for review in self:
            # Noted first, as an act of whoever takes it along.
            noted = review._origin.exported_by_id == self.env.user
            review.export = base64.b64encode(review._as_csv()) if noted else False

    # -- acts ----------------------------------------------------------------------------------

    def action_take(self) -> None:
        """List who may do what now. Before anything is decided, as often as one likes."""
        self._require_manager()
        for review in self:
            if review.state != "draft":
                raise UserError(self.env._("Deciding has begun: the list stays as it is."))
            review._take_lines()
            review._act("taken", {"rights": review.line_count, "users": review.user_count})

    def action_begin(self) -> None:
        """Begin to decide: from now on the list stays as it is."""
        self._require_manager()
        for review in self:
            if review.state != "draft":
                raise UserError(self.env._("Deciding has begun already."))
            review._take_lines()
            if not review.line_ids:
                raise UserError(self.env._("Nobody of this company holds a right."))
            review._store(
                {
                    "state": "open",
                    "opened_by_id": self.env.uid,
                    "opened_at": fields.Datetime.now(),
                }
            )
            review._act("begun", {"rights": review.line_count, "users": review.user_count})

    def action_look_again(self) -> None:
        """See which of the rights that were to be taken away are gone."""
        self._require_manager()
        for review in self:
            review.line_ids._note_removed()

    def action_close(self) -> None:
        """End it: everything is decided, and what was to be removed is gone or said to be open."""
        self._require_manager()
        for review in self:
            if review.state != "open":
                raise UserError(self.env._("Only a review that is being decided is closed."))
            review.line_ids._note_removed()
            if review.undecided_count:
                raise UserError(
                    self.env._("%s rights are not decided yet.", review.undecided_count)
                )
            review._store(
                {
                    "state": "closed",
                    "closed_by_id": self.env.uid,
                    "closed_at": fields.Datetime.now(),
                }
            )
            review._act(
                "closed",
                {"rights": review.line_count, "still_to_remove": review.to_remove_count},
            )

    def action_export(self) -> dict:
        """Note that it is taken along, and hand over the table."""
        self.ensure_one()
        self.check_access("read")
        self.sudo()._store({"exported_by_id": self.env.uid})
        self._act("exported", {"rights": self.line_count})
        url = f"/web/content/{self._name}/{self.id}/export/access-review-{self.id}.csv"
        return {"type": "ir.actions.act_url", "url": f"{url}?download=true", "target": "download"}

    def action_view_lines(self) -> dict:
        """Open the rights as a list of their own, to search, group and decide many at once."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_governance.interop_access_review_line_action"
        )
        return action | {"domain": [("review_id", "=", self.id)]}

    # -- guards --------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.keys() & OWN for vals in vals_list):
            raise AccessError(self.env._("Use the buttons, which leave evidence."))
        reviews = super().create(vals_list)
        for review in reviews:
            review._take_lines()
        return reviews

    def write(self, vals):
        if not self.env.su and vals.keys() & (OWN | {"exported_by_id"}):
            raise AccessError(self.env._("Use the buttons, which leave evidence."))
        if {"company_id", "note"} & vals.keys() and any(each.state != "draft" for each in self):
            raise UserError(self.env._("Deciding has begun: what is reviewed stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_only(self) -> None:
        if any(review.state != "draft" for review in self):
            raise UserError(self.env._("A review in which was decided is evidence and is kept."))

    def _store(self, vals: dict) -> bool:
        return self.sudo().write(vals)

    def _require_manager(self) -> None:
        self.check_access("read")
        if not self.env.user.has_group("interop_base.group_manager"):
            raise AccessError(self.env._("Only Interop managers review who may do what."))

    def _act(self, act: str, details: dict) -> None:
        self.ensure_one()
        self.env["interop.audit"]._record(
            f"access.review.{act}", record=self, details={"name": self.name, **details}
        )

    def _as_csv(self) -> bytes:
        """UTF-8 with a mark, so that spreadsheets read names rightly; times are UTC."""
        lines = self.line_ids
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([lines._fields[name].string for name in COLUMNS])
        decisions = dict(lines._fields["decision"]._description_selection(self.env))
        for line in lines:
            told = {name: line[name] for name in COLUMNS}
            told |= {
                "decision": decisions[line.decision],
                "decided_by_id": line.decided_by_id.name,
            }
            writer.writerow([_cell(told[name]) for name in COLUMNS])
        return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    """A table's cell that no spreadsheet takes for a formula."""
    text = "" if value is False or value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
