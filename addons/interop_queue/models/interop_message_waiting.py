import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_audit.lib.entry import AuditRow

from ..engine.transaction import read_committed, retrying, run
from ..engine.wake import wake_after_commit
from ..lib.batching import GATHERED, UNRELEASED
from ..lib.direct import HELD
from ..lib.statements import statement

_logger = logging.getLogger(__name__)

OPEN = ("waiting", "ready", "running", "dead")


class InteropMessageWaiting(models.AbstractModel):
    """What a message waits for, what waits for it, and the decision not to wait any longer."""

    _name = "interop.message.waiting"
    _description = "Message: Waiting for Others"

    need_ids = fields.One2many(
        "interop.message.dependency",
        "message_id",
        string="Waits for",
        readonly=True,
        help="Messages of other flows that have to end before this one leaves: the partner before "
        "the order, the order before its change.",
    )
    dependent_ids = fields.One2many(
        "interop.message.dependency",
        "needs_id",
        string="Holds",
        readonly=True,
        help="Messages of other flows that wait for this one.",
    )
    waits_for_others = fields.Boolean(
        compute="_compute_waits_for_others",
        help="It waits for messages of other flows that have not ended.",
    )
    waits_told = fields.Char(
        string="Waits",
        compute="_compute_waits_for_others",
        help="What it waits for, in words.",
    )
    held_told = fields.Char(
        string="Held", compute="_compute_held_told",
        help="Why no lane takes it, if that is neither for its time nor for its turn.",
    )  # fmt: skip

    @api.depends("state", "need_ids.holds", "need_ids.waived")
    def _compute_waits_for_others(self) -> None:
        for message in self:
            open_needs = message.sudo().need_ids.filtered(
                lambda need: need.holds and not need.waived and need.needs_id.state in OPEN
            )
            message.waits_for_others = bool(open_needs) and message.state in ("waiting", "ready")
            dead = sum(need.needs_id.state == "dead" for need in open_needs)
            message.waits_told = (
                self.env._(
                    "Messages of other flows that have to leave first: %(count)s. Dead letters "
                    "among them: %(dead)s. Nothing moves until somebody decides about those.",
                    count=len(open_needs),
                    dead=dead,
                )
                if dead
                else self.env._(
                    "Messages of other flows that have to leave first: %s.", len(open_needs)
                )
            )

    @api.depends("held", "state", "batch_id")
    def _compute_held_told(self) -> None:
        _ = self.env._
        for message in self:
            batch = message.sudo().batch_id.name
            match message.held:
                case False:
                    told = False
                case held if held == GATHERED:
                    told = _("Gathered: it leaves with the next batch")
                case held if held == UNRELEASED:
                    told = _("Its batch %s awaits a person's release", batch)
                case held if held == HELD and message.state == "running":
                    told = _("Asked directly: its caller waits for the partner's answer")
                case held if held == HELD:
                    told = _("Asked directly: its caller was told, so no lane runs it again")
                case held:
                    told = held
            message.held_told = told

    def action_ask_let_go(self) -> dict:
        """Open the dialog that asks why these are not to wait any longer."""
        return self._dialog("interop.message.letting.go", self.env._("Let go"))

    def action_let_go(self, reason: str) -> bool:
        """Do not wait for the messages of other flows any longer; `reason` is kept as evidence.

        The order within their own flow stays.
        """
        self._require_operator()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept with the message."))
        self.check_access("read")
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(statement("waive_dependencies"), {"ids": self.ids})
        waived: dict[int, list[str]] = {}
        for message_id, needed, state in cr.fetchall():
            if state in OPEN:
                waived.setdefault(message_id, []).append(needed)
        if self.ids and not waived:
            raise UserError(self.env._("None of these waits for a message of another flow."))
        self.env.invalidate_all(flush=False)
        self.env["interop.audit"]._record_many(
            [
                AuditRow(
                    act="message.let_go",
                    res_model=self._name,
                    res_id=message.id,
                    subject=message.uuid,
                    details={"reason": reason.strip(), "before": waived[message.id][:20]},
                    company_id=message.company_id.id or None,
                    area_id=message.area_id.id or None,
                )
                for message in self.browse(waived).sudo()
            ]
        )
        self._let_go_after_commit(list(waived))
        wake_after_commit(self.env)
        return True

    def _let_go_after_commit(self, ids: list[int]) -> None:
        """Under the runtime lock, as a claim may be parking one of them just now."""
        registry = self.env.registry
        connectors = sorted(self.sudo().connector_id.ids)
        self.env.cr.execute(statement("release_needless"), {"ids": ids})
        self.sudo().invalidate_recordset()

        def release() -> None:
            with read_committed(registry) as cr:
                run(cr, "lock_runtimes", connector_ids=connectors)
                run(cr, "release_needless", ids=ids)

        @self.env.cr.postcommit.add
        def again() -> None:
            try:
                retrying(release)
            except Exception as failure:
                # What was committed stays; the reaper releases what is forgotten.
                _logger.warning("interop: let go later (%s)", type(failure).__name__)
