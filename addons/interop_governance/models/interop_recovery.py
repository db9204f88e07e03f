from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

STATES = [
    ("deciding", "To be decided"),
    ("armed", "Armed, being reconciled"),
    ("closed", "Closed"),
    ("called_off", "Called off"),
]


class InteropRecovery(models.Model):
    """What a restore left open: what may have left since the backup, what was lost, and what people
    decided about it. Opened by the request to arm what was restored."""

    _name = "interop.recovery"
    _description = "Recovery"
    _inherit = ["interop.recovery.opening", "interop.recovery.outside"]
    _order = "id desc"
    _log_access = False

    state = fields.Selection(
        STATES, required=True, readonly=True, default="deciding",
        help="To be decided: nothing leaves. Armed: messages flow again, what is in doubt is being "
        "reconciled. Closed: nothing is left to do.",
    )  # fmt: skip
    arming_id = fields.Many2one(
        "interop.arming", string="Request", readonly=True, ondelete="restrict",
        help="The request to arm. Empty if one person armed it alone in an emergency.",
    )  # fmt: skip
    alone = fields.Boolean(
        string="Armed by one person", readonly=True,
        help="Nobody approved: an emergency. Look at it with particular care.",
    )  # fmt: skip
    reason = fields.Char(readonly=True, help="Why the installation was to be armed.")
    opened_at = fields.Datetime(readonly=True, help="When the case was opened.")
    opened_by_id = fields.Many2one(
        "res.users", string="Opened by", readonly=True, ondelete="set null",
        help="Who asked for arming.",
    )  # fmt: skip
    closed_at = fields.Datetime(readonly=True, help="When the case was closed.")
    closed_by_id = fields.Many2one(
        "res.users", string="Closed by", readonly=True, ondelete="set null", help="Who closed it."
    )
    backup_at = fields.Datetime(
        string="Backup made at or after", readonly=True,
        help="The last act of the engine that the database knows. The backup is not older; what "
        "happened later is lost here.",
    )  # fmt: skip
    newest_entry = fields.Integer(
        string="Last entry in the backup", readonly=True, aggregator=None,
        help="Number of that act in the audit trail.",
    )  # fmt: skip
    seal_number = fields.Integer(
        string="Last seal in the backup", readonly=True, aggregator=None,
        help="Number of the last seal that the database had.",
    )  # fmt: skip
    seal_total = fields.Integer(
        string="Entries sealed in the backup", readonly=True, aggregator=None,
        help="How many entries of the audit trail had been sealed up to then.",
    )  # fmt: skip
    outside_seals = fields.Integer(
        string="Later seals outside", readonly=True, aggregator=None,
        help="Seals that the anchors outside the database know, and it does not.",
    )  # fmt: skip
    outside_entries = fields.Integer(
        string="Entries lost", readonly=True, aggregator=None,
        help="How many entries of the audit trail these seals hold: acts that this database has "
        "forgotten.",
    )  # fmt: skip
    outside_until = fields.Datetime(
        string="Alive until", readonly=True,
        help="When the last seal was made, or the last pulse was noted, of which something outside "
        "knows. What happened between the backup and then is lost here.",
    )  # fmt: skip
    outside_source = fields.Text(
        string="Known from", readonly=True,
        help="Where that is known from, and which places of anchors told nothing.",
    )  # fmt: skip
    line_ids = fields.One2many(
        "interop.recovery.line", "recovery_id", string="Connectors",
        help="What may have left through each connector, and what is decided about it.",
    )  # fmt: skip
    counter_ids = fields.One2many(
        "interop.recovery.counter", "recovery_id", string="Control numbers",
        help="Numbers that may have been used since the backup.",
    )  # fmt: skip
    key_ids = fields.One2many(
        "interop.recovery.key", "recovery_id", readonly=True, help="All keys in question."
    )
    lost_ids = fields.One2many(
        "interop.recovery.key", "recovery_id", domain=[("verdict", "=", "lost")],
        string="Lost messages",
        help="The partner has these, and this database does not know of them. Settle each.",
    )  # fmt: skip
    secrets = fields.Text(
        string="Secrets to look at", readonly=True,
        help="Secrets have the values of the backup. If one was changed since, enter it again.",
    )  # fmt: skip
    in_doubt = fields.Integer(
        compute="_compute_counts", help="Messages that may have left since the backup."
    )
    undecided = fields.Integer(
        compute="_compute_counts", help="Connectors about which nobody has decided yet."
    )
    lost = fields.Integer(compute="_compute_counts", help="Lost messages that are known of.")
    unsettled = fields.Integer(
        compute="_compute_counts", help="Lost messages that nobody has settled yet."
    )
    to_do = fields.Text(compute="_compute_to_do", help="What is left to do before the next step.")
    may_approve = fields.Boolean(
        compute="_compute_to_do", help="Whether you may approve, and nothing is left to decide."
    )
    may_decide = fields.Boolean(
        related="arming_id.may_decide", help="Whether you are somebody who may approve or refuse."
    )
    approver_names = fields.Char(
        related="arming_id.approver_names", help="Users with the role Approver, but for who asked."
    )
    decided_by_id = fields.Many2one(
        related="arming_id.decided_by_id", string="Approved by", help="Who approved or refused."
    )
    decided_at = fields.Datetime(
        related="arming_id.decided_at", string="Approved at", help="When it was decided."
    )

    @api.depends("opened_at")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self) -> None:
        for recovery in self:
            at = format_datetime(self.env, recovery.opened_at, dt_format="medium")
            recovery.display_name = self.env._("Recovery of %s", at)

    @api.depends("line_ids.decision", "key_ids.verdict", "key_ids.settlement")
    def _compute_counts(self) -> None:
        for recovery in self:
            lines = recovery.line_ids
            lost = recovery.key_ids.filtered(lambda key: key.verdict == "lost")
            recovery.in_doubt = sum(lines.mapped("in_doubt"))
            recovery.undecided = len(lines._undecided())
            recovery.lost = len(lost)
            recovery.unsettled = len(lost.filtered(lambda key: not key.settlement))

    @api.depends_context("uid")
    @api.depends("state", "line_ids.decision")
    def _compute_to_do(self) -> None:
        for recovery in self:
            recovery.to_do = "\n".join(recovery._obstacles()) or False
            recovery.may_approve = recovery.arming_id.may_decide and not recovery.to_do

    def write(self, vals: dict[str, Any]) -> bool:
        # The form writes the decisions of its lines through the case; nothing else is people's.
        if not self.env.su and set(vals) - {"line_ids", "counter_ids", "lost_ids"}:
            raise AccessError(self.env._("A recovery is changed by its buttons only."))
        return super().write(vals)

    def _obstacles(self) -> list[str]:
        """What has to be done before the next step, in sentences."""
        told = []
        for recovery in self:
            if recovery.state == "deciding" and (open_ones := recovery.line_ids._undecided()):
                names = ", ".join(open_ones.sudo().connector_id.mapped("name"))
                told.append(self.env._("Decide in the recovery case about: %s", names))
            if recovery.state == "armed":
                told += recovery._open_ends()
        return told

    def _open_ends(self) -> list[str]:
        told = []
        if self.unsettled:
            told.append(self.env._("Settle the lost messages (open: %s).", self.unsettled))
        held = self.key_ids.filtered(
            lambda key: key.verdict == "doubt" and key.message_id.sudo().state == "dead"
        )
        if held:
            told.append(
                self.env._(
                    "Decide about the held messages, or take in the partner's answer (held: %s).",
                    len(held),
                )
            )
        return told

    # -- acts ----------------------------------------------------------------------------------

    def action_accept_proposals(self) -> bool:
        """Decide as proposed where nobody has decided yet."""
        self._check_may_decide()
        self._accept_proposals()
        return True

    def _accept_proposals(self) -> None:
        for line in self.line_ids._undecided():
            line.sudo().write({"decision": line.proposal})
            line._decided()

    def action_approve(self) -> bool:
        """Approve and arm; see `interop.arming`."""
        self.ensure_one()
        return self.arming_id.action_approve()

    def action_refuse(self) -> bool:
        """Refuse; see `interop.arming`."""
        self.ensure_one()
        return self.arming_id.action_refuse()

    def action_withdraw(self) -> bool:
        """Take the request back; see `interop.arming`."""
        self.ensure_one()
        return self.arming_id.action_withdraw()

    def _carry_out(self) -> None:
        """Do what was decided, in the transaction that opens the fence."""
        for recovery in self:
            recovery.line_ids._apply()
            recovery.counter_ids._apply()
            recovery.write({"state": "armed"})
            recovery._note("recovery.armed", recovery._figures())

    def _called_off(self) -> None:
        self.filtered(lambda recovery: recovery.state == "deciding").write({"state": "called_off"})

    def action_close(self) -> bool:
        """Nothing is left to do. Managers."""
        self.ensure_one()
        self._check_may_work()
        if self.state != "armed" or (open_ends := self._open_ends()):
            raise UserError("\n".join(open_ends) if self.state == "armed" else self._not_now())
        self.sudo().write(
            {
                "state": "closed",
                "closed_at": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
            }
        )
        self._note("recovery.closed", self._figures())
        return True

    def _figures(self) -> dict[str, Any]:
        return {
            "in_doubt": self.in_doubt,
            "lost": self.lost,
            "decisions": {
                line.sudo().connector_id.code: line.decision or None
                for line in self.line_ids
                if line.in_doubt
            },
        }

    # -- rights --------------------------------------------------------------------------------

    def _check_may_decide(self) -> None:
        """Decisions about connectors are a Manager's, until the installation is armed."""
        self._check_manager()
        if any(recovery.state != "deciding" for recovery in self):
            raise UserError(self._not_now())

    def _check_may_work(self) -> None:
        """Reconciling is a Manager's, until the case is closed."""
        self._check_manager()
        if any(recovery.state not in ("deciding", "armed") for recovery in self):
            raise UserError(self._not_now())

    def _check_manager(self) -> None:
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("interop_base.group_manager"):
            raise AccessError(self.env._("Only Integration Managers work on a recovery."))

    def _not_now(self) -> str:
        return self.env._("This is not possible in the present state of the recovery.")

    def _note(self, act: str, details: dict[str, Any]) -> None:
        self.ensure_one()
        self.env["interop.audit"]._record(act, record=self, details=details)

    def _shown(self) -> dict[str, Any]:
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
