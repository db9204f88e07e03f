from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.interop_queue.engine.transaction import run

STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
SOURCES = [("selection", "Messages that were chosen"), ("search", "All that a search finds")]
MOST = 100_000

_ENGINE_FIELDS = {
    "state", "started_at", "started_by_id", "ended_at", "paced_at", "resumed_at", "stopped_because",
    "member_ids", "area_ids", "company_ids",
}  # fmt: skip


class InteropRedrive(models.Model):
    """Many dead letters run again, at a pace, in order, for one reason.

    Which ones is fixed when it starts. It can be paused and cancelled, goes on after a crash, and
    stops by itself when too many of them die again.
    """

    _name = "interop.redrive"
    _description = "Redrive at Scale"
    _inherit = [
        "mail.thread",
        "interop.audit.configured",
        "interop.redrive.told",
        "interop.redrive.running",
    ]
    _order = "id desc"

    _configured_noun = "redrive"
    # Who starts, pauses and ends it is noted as acts of their own.
    _configured_unseen = frozenset(_ENGINE_FIELDS)

    name = fields.Char(
        required=True,
        default=lambda self: self.env._("Redrive of %s", fields.Date.context_today(self)),
        help="What was mended, in a few words.",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False, tracking=True,
        help="Running: dead letters run again bit by bit. Paused: by a person, or by itself.",
    )  # fmt: skip
    source = fields.Selection(
        SOURCES, string="Which", required=True, default="search",
        help="The messages that were chosen in the list, or all that a search finds at the start.",
    )  # fmt: skip
    domain = fields.Char(
        string="Dead letters", required=True, default="[('state', '=', 'dead')]",
        help="Of what it finds, the dead letters that you may see run again.",
    )  # fmt: skip
    reason = fields.Char(
        copy=False, tracking=True,
        help="What was mended. It stands in the audit trail with each message, so write no patient "
        "data here.",
    )  # fmt: skip
    per_minute = fields.Integer(
        string="Messages a minute", required=True, default=120, tracking=True,
        help="So many run again in a minute at most. It may be changed while it runs.",
    )  # fmt: skip
    stop_of = fields.Integer(
        string="Look at the last", required=True, default=20,
        help="So many of those that have ended are looked at. Before so many have ended, no more "
        "than that are on their way.",
    )  # fmt: skip
    stop_percent = fields.Integer(
        string="Stop at (%)", required=True, default=50,
        help="If more than this share of them is dead again, it pauses by itself.",
    )  # fmt: skip
    member_ids = fields.One2many(
        "interop.redrive.member", "redrive_id", readonly=True, help="The messages, one by one."
    )
    area_ids = fields.Many2many(
        "interop.area", string="Business areas", readonly=True, copy=False,
        help="Those of its messages. Whoever has them all may pause, resume and cancel it.",
    )  # fmt: skip
    company_ids = fields.Many2many(
        "res.company", string="Companies", readonly=True, copy=False,
        help="Those of its messages.",
    )  # fmt: skip
    stopped_because = fields.Char(
        string="Why it stands", readonly=True, copy=False, help="Why it paused by itself."
    )
    started_at = fields.Datetime(string="Started", readonly=True, copy=False, help="When it began.")
    started_by_id = fields.Many2one(
        "res.users", string="Started by", readonly=True, copy=False,
        help="Who answers for it. This person's rights are asked for again all the time.",
    )  # fmt: skip
    paced_at = fields.Datetime(readonly=True, copy=False, help="Up to when the pace is used up.")
    resumed_at = fields.Datetime(
        readonly=True, copy=False, help="Since when those that die again are counted."
    )
    ended_at = fields.Datetime(string="Ended", readonly=True, copy=False, help="When it ended.")

    _pace_sane = models.Constraint(
        "CHECK(per_minute BETWEEN 1 AND 6000)", "Choose 1 to 6,000 messages a minute."
    )
    _stop_sane = models.Constraint(
        "CHECK(stop_of BETWEEN 1 AND 1000 AND stop_percent BETWEEN 1 AND 100)",
        "Look at the last 1 to 1,000, and stop at 1 to 100 percent.",
    )

    # -- which ---------------------------------------------------------------------------------

    def _chosen(self) -> list[int]:
        """Dead letters that whoever looks may see, at most as many as a campaign takes."""
        if self.source == "selection":
            return self._pending()
        messages = self.env["interop.message"]
        try:
            # Plain values only: nothing in it is computed.
            found = messages.search(
                Domain(literal_eval(self.domain or "[]")) & Domain("state", "=", "dead"),
                order="id",
                limit=MOST,
            )
        except (ValueError, SyntaxError, TypeError):
            raise UserError(self.env._("Search by fields and plain values.")) from None
        return found.ids

    def _pending(self) -> list[int]:
        number = self._origin.id
        rows = run(self.env.cr, "redrive_next", redrive_id=number or 0, limit=MOST)
        return [row["message_id"] for row in rows]

    def _freeze(self, ids: list[int]) -> None:
        self.env.flush_all()
        run(self.env.cr, "redrive_freeze", redrive_id=self.id, ids=ids)
        self.invalidate_recordset()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_engine_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_engine_fields(vals)
        fixed = vals.keys() & {"domain", "source", "reason"}
        if fixed and any(redrive.state != "draft" for redrive in self):
            raise UserError(self.env._("What runs again, and why, is fixed once it has started."))
        return super().write(vals)

    def _refuse_engine_fields(self, vals: dict) -> None:
        """State, and whose rights count, change by the buttons only."""
        if not self.env.su and vals.keys() & _ENGINE_FIELDS:
            raise AccessError(self.env._("Use the buttons, which leave evidence."))

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_started(self) -> None:
        if any(redrive.state != "draft" for redrive in self):
            raise UserError(self.env._("A redrive that was started is evidence. Cancel it."))

    # -- what people do ------------------------------------------------------------------------

    def action_start(self) -> None:
        """Fix which messages it is about, and begin."""
        self.ensure_one()
        self._require_operator()
        if self.state != "draft":
            raise UserError(self.env._("It was started before."))
        if not (self.reason or "").strip():
            raise ValidationError(self.env._("Say what was mended: the reason is kept."))
        if self.source == "search":
            self._freeze(self._chosen())
        if not self._pending():
            raise UserError(self.env._("There is no dead letter to run again."))
        now = self.env.cr.now()
        scope = run(self.env.cr, "redrive_scope", redrive_id=self.id)[0]
        self.sudo().write(
            {
                "state": "running",
                "area_ids": [Command.set(scope["areas"])],
                "company_ids": [Command.set(scope["companies"])],
                "started_at": now,
                "resumed_at": now,
                "started_by_id": self.env.uid,
            }
        )
        self._note("redrive.started")
        self._call()

    def action_pause(self) -> None:
        """Run nothing again until somebody resumes it."""
        self._move(("running",), "paused", "redrive.paused")

    def action_resume(self) -> None:
        """Go on; what died before is not counted against it again. Whoever resumes answers."""
        now = self.env.cr.now()
        self._move(
            ("paused",), "running", "redrive.resumed", resumed_at=now, started_by_id=self.env.uid
        )
        self._call()

    def action_cancel(self) -> None:
        """Run nothing again any more."""
        self._move(
            ("draft", "running", "paused"),
            "cancelled",
            "redrive.cancelled",
            ended_at=self.env.cr.now(),
        )

    def action_view_members(self) -> dict:
        """Open its messages one by one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_traffic.interop_redrive_member_action"
        )
        return action | {"domain": [("redrive_id", "=", self.id)]}

    def _opened(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Redrive at scale"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _move(self, sources: tuple[str, ...], target: str, act: str, **values: object) -> None:
        self._require_operator()
        self.check_access("write")
        self.env.flush_all()
        # What is decided here counts from the next chunk on.
        run(self.env.cr, "redrive_wait", quiet=True, ids=self.ids)
        self.invalidate_recordset(["state"])
        for redrive in self:
            if redrive.state not in sources:
                raise UserError(
                    self.env._("“%s” is in a state in which this is not possible.", redrive.name)
                )
            redrive.sudo().write({"state": target, "stopped_because": False, **values})
            redrive._note(act)

    def _require_operator(self) -> None:
        if not self.env.user.has_group("interop_base.group_operator") and not self.env.su:
            raise AccessError(self.env._("Only Interop operators may run messages again."))
