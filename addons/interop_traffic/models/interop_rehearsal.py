from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.interop_queue.lib.rehearsal import summary

STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
AGAINST = [("live", "What is published"), ("draft", "The draft")]
MOST = 20_000
# Up to so many nobody has to wait for the scheduled action.
AT_ONCE = 25

_ENGINE_FIELDS = {
    "state", "started_at", "started_by_id", "ended_at", "stopped_because", "result_ids",
}  # fmt: skip


class InteropRehearsal(models.Model):
    """Messages through today's version of their flows, without sending: what would be different?

    Only which fields differ is kept. Their values are shown to who may read content, made afresh,
    and kept nowhere.
    """

    _name = "interop.rehearsal"
    _description = "Rehearsal"
    _inherit = ["interop.audit.configured", "interop.rehearsal.running"]
    _order = "id desc"

    _configured_noun = "rehearsal"
    # Who starts and ends it is noted as acts of their own.
    _configured_unseen = frozenset(_ENGINE_FIELDS)

    name = fields.Char(
        required=True,
        default=lambda self: self.env._("Rehearsal of %s", fields.Date.context_today(self)),
        help="What is tried, in a few words.",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False,
        help="Running: message by message, nothing leaves and nothing is changed.",
    )  # fmt: skip
    against = fields.Selection(
        AGAINST, string="Through", required=True, default="live",
        help="The flows as they are published today, or their drafts. A draft decides itself which "
        "fields it compares, so it asks for the right to read content.",
    )  # fmt: skip
    reason = fields.Char(
        copy=False,
        help="Why what was sent is looked at. It stands in the audit trail, so write no patient "
        "data here.",
    )  # fmt: skip
    result_ids = fields.One2many(
        "interop.rehearsal.result", "rehearsal_id", readonly=True, help="Message by message."
    )
    message_count = fields.Integer(
        string="Messages", compute="_compute_counts", help="How many are rehearsed."
    )
    pending_count = fields.Integer(
        string="Still to look at", compute="_compute_counts", help="Not rehearsed yet."
    )
    same_count = fields.Integer(
        string="Same", compute="_compute_counts", help="Would leave as they left then."
    )
    changed_count = fields.Integer(
        string="Differ", compute="_compute_counts", help="Would leave otherwise than then."
    )
    makeable_count = fields.Integer(
        string="Nothing to compare", compute="_compute_counts",
        help="Can be made; nothing that left is kept.",
    )  # fmt: skip
    impossible_count = fields.Integer(
        string="Cannot be made", compute="_compute_counts", help="Would be dead letters today."
    )
    progress = fields.Float(compute="_compute_counts", help="How many were rehearsed.")
    told = fields.Char(
        string="In short", compute="_compute_told", help="All of it in one sentence."
    )
    started_at = fields.Datetime(string="Started", readonly=True, copy=False, help="When it began.")
    started_by_id = fields.Many2one(
        "res.users", string="Started by", readonly=True, copy=False, help="With whose rights."
    )
    ended_at = fields.Datetime(string="Ended", readonly=True, copy=False, help="When it ended.")
    stopped_because = fields.Char(
        string="Why it stopped", readonly=True, copy=False, help="Why it ended by itself."
    )

    @api.depends("result_ids.outcome")
    def _compute_counts(self) -> None:
        groups = self.env["interop.rehearsal.result"]._read_group(
            [("rehearsal_id", "in", self.ids)], ["rehearsal_id", "outcome"], ["__count"]
        )
        found = {(rehearsal.id, outcome): count for rehearsal, outcome, count in groups}
        for rehearsal in self:
            counts = {
                outcome: found.get((rehearsal.id, outcome), 0)
                for outcome in ("pending", "same", "changed", "makeable", "impossible")
            }
            total = sum(counts.values())
            rehearsal.message_count = total
            for outcome, count in counts.items():
                rehearsal[f"{outcome}_count"] = count
            rehearsal.progress = 100.0 * (total - counts["pending"]) / total if total else 0.0

    @api.depends("result_ids.outcome", "result_ids.signature")
    def _compute_told(self) -> None:
        results = self.env["interop.rehearsal.result"]
        for rehearsal in self:
            groups = results._read_group(
                [("rehearsal_id", "=", rehearsal.id), ("outcome", "!=", "pending")],
                ["outcome", "signature"],
                ["__count"],
            )
            every = [
                (outcome, name or "") for outcome, name, count in groups for _n in range(count)
            ]
            rehearsal.told = summary(every)

    # -- what people do ------------------------------------------------------------------------

    def action_start(self) -> None:
        """Rehearse: a few at once, many by the scheduled action."""
        self.ensure_one()
        self._require_operator()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("It was started before."))
        if not (self.reason or "").strip():
            raise ValidationError(self.env._("Say why: what was sent is opened for it."))
        if not self.message_count:
            raise UserError(self.env._("Choose messages in the list of messages first."))
        self._require_draft_right()
        self.sudo().write(
            {"state": "running", "started_at": self.env.cr.now(), "started_by_id": self.env.uid}
        )
        self.env["interop.audit"]._record(
            "rehearsal.started",
            record=self,
            details={
                "messages": self.message_count,
                "through": self.against,
                "reason": self.reason.strip(),
            },
        )
        if self.message_count <= AT_ONCE:
            self.sudo()._run_chunk(AT_ONCE)
        else:
            self._call()

    def action_cancel(self) -> None:
        """Rehearse no more of it."""
        self._require_operator()
        self.check_access("write")
        for rehearsal in self.filtered(lambda each: each.state in ("draft", "running")):
            rehearsal.sudo().write({"state": "cancelled", "ended_at": self.env.cr.now()})
            self.env["interop.audit"]._record("rehearsal.cancelled", record=rehearsal)

    def action_again(self) -> dict:
        """A further rehearsal of the same messages, to be started."""
        self.ensure_one()
        again = self.copy({"name": self.env._("%s, again", self.name)})
        again._take(self.result_ids.message_id.ids)
        return again._opened()

    def action_view_results(self) -> dict:
        """Open the messages, grouped by what is different."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_traffic.interop_rehearsal_result_action"
        )
        context = {"search_default_group_outcome": 1, "search_default_group_signature": 1}
        return action | {"domain": [("rehearsal_id", "=", self.id)], "context": context}

    def _take(self, ids: list[int]) -> None:
        """The messages it is about; those that its maker may not see are left out."""
        if len(ids) > MOST:
            raise UserError(self.env._("Choose at most %s messages.", f"{MOST:,}"))
        messages = self.env["interop.message"].browse(ids)._filtered_access("read")
        self.env["interop.rehearsal.result"].sudo().create(
            [{"rehearsal_id": self.id, "message_id": each} for each in sorted(messages.ids)]
        )

    def _opened(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rehearsal"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_engine_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_engine_fields(vals)
        fixed = vals.keys() & {"against", "reason"}
        if fixed and any(each.state != "draft" for each in self):
            raise UserError(self.env._("What is rehearsed, and why, is fixed once it has started."))
        return super().write(vals)

    def _refuse_engine_fields(self, vals: dict) -> None:
        """State, and whose rights count, change by the buttons only."""
        if not self.env.su and vals.keys() & _ENGINE_FIELDS:
            raise AccessError(self.env._("Use the buttons, which leave evidence."))

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_started(self) -> None:
        if any(each.state == "running" for each in self):
            raise UserError(self.env._("Cancel it first."))

    def _require_draft_right(self) -> None:
        if self.against == "draft" and not self.env.user.has_group(
            "interop_base.group_payload_reader"
        ):
            raise AccessError(
                self.env._(
                    "Rehearsing a draft needs the right “Payload Reader”: it could ask for values."
                )
            )

    def _require_operator(self) -> None:
        if not self.env.user.has_group("interop_base.group_operator") and not self.env.su:
            raise AccessError(self.env._("Only Interop operators may rehearse messages."))
