from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import FAILURE_CLASSES, InteropError

from ..engine.transaction import repeatable_read
from ..lib.direct import STATUSES
from ..lib.handlers import HANDLERS


class InteropDirectTrial(models.TransientModel):
    """One direct call by an operator, with its answer and how long it took."""

    _name = "interop.direct.trial"
    _description = "Try a Direct Call"
    _transient_max_hours = 1.0

    flow_id = fields.Many2one(
        "interop.flow", required=True, readonly=True, ondelete="cascade", help="The flow to ask by."
    )
    record = fields.Reference(
        selection="_selection_record",
        help="What the partner is asked about. The call is real: the partner gets the document.",
    )
    obstacle = fields.Char(
        compute="_compute_obstacle",
        help="Why this user cannot choose anything: who asks must be able to see the record.",
    )
    status = fields.Selection(
        [*STATUSES, ("failed", "Could not be asked")],
        string="Answer",
        readonly=True,
        help="How the call ended.",
    )
    sentence = fields.Char(string="Why", readonly=True, help="What stood in the way.")
    failure_class = fields.Selection(
        list(FAILURE_CLASSES.items()),
        string="Kind of failure",
        readonly=True,
        help="What kind of problem it was.",
    )
    http_status = fields.Integer(
        string="Status", readonly=True, help="The status of the partner's answer."
    )
    milliseconds = fields.Integer(
        string="Took", readonly=True, help="Milliseconds from the question to the answer."
    )
    answer_fields = fields.Char(
        string="Answered with",
        readonly=True,
        help="Names of what the answer holds. Its values are sealed with the message, for those "
        "who may read content.",
    )
    message_uuid = fields.Char(
        string="Message id", readonly=True, help="Under it the call's evidence is found."
    )

    @api.model
    def _selection_record(self) -> list[tuple[str, str]]:
        """Kinds of records that a handler composes documents of and that this user may read."""
        specs = (HANDLERS.get(code) for code in HANDLERS.codes())
        names = {self.env[spec.model]._composes for spec in specs if spec.model in self.env}
        return sorted(
            (name, self.env["ir.model"]._get(name).name)
            for name in names
            if name in self.env and self.env[name].has_access("read")
        )

    @api.depends("flow_id")
    def _compute_obstacle(self) -> None:
        for trial in self:
            kind = trial._kind()
            trial.obstacle = False
            if kind and not self.env[kind].has_access("read"):
                trial.obstacle = self.env._(
                    "The partner is asked about records of the kind “%s”, and you may not see "
                    "them. Ask somebody who may, or for the right to see them.",
                    self.env["ir.model"]._get(kind).name,
                )

    def _kind(self) -> str:
        """The model that the flow's handler composes documents of."""
        handler = self.flow_id.handler
        return self.env[HANDLERS.get(handler).model]._composes if handler else ""

    def action_ask(self) -> dict[str, Any]:
        """Ask the partner about the chosen record, and show what came of it."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_operator"):
            raise AccessError(self.env._("Only Interop operators may do this."))
        if self.obstacle:
            raise AccessError(self.obstacle)
        if not self.record:
            raise UserError(self.env._("Choose what the partner is to be asked about."))
        if self.record._name != self._kind():
            kind = self.record._description
            raise UserError(self.env._("This flow is not for records of the kind “%s”.", kind))
        self.write(self._asked())
        self.env["interop.audit"]._record(
            "flow.direct_tried",
            record=self.flow_id,
            outcome="ok" if self.status == "done" else "failed",
            details={"status": self.status, "message": self.message_uuid or None},
        )
        return self._shown()

    def _asked(self) -> dict[str, Any]:
        """Ask, in a transaction that has written nothing: a request may have logged its device."""
        told: dict[str, Any] = {
            "sentence": False,
            "failure_class": False,
            "http_status": False,
            "milliseconds": False,
            "answer_fields": False,
            "message_uuid": False,
        }
        try:
            with repeatable_read(self.env.registry) as cr:
                mine = self.with_env(self.env(cr=cr))
                answer = mine.env["interop.direct"]._ask(mine.flow_id, mine.record)
        except InteropError as failure:
            return told | {
                "status": "failed",
                "sentence": failure.sentence,
                "failure_class": failure.failure_class,
            }
        return told | {
            "status": answer.status,
            "sentence": answer.sentence,
            "http_status": answer.http_status,
            "milliseconds": round(answer.seconds * 1000),
            "answer_fields": ", ".join(sorted(answer.body)) if answer.body else False,
            # Its row was committed since this transaction began, and is not visible in it.
            "message_uuid": answer.message,
        }

    def action_open_message(self) -> dict[str, Any]:
        """Open the message that the call has left."""
        self.ensure_one()
        found = self.env["interop.message"].search([("uuid", "=", self.message_uuid)], limit=1)
        if not found:
            raise UserError(self.env._("Nothing was asked, so there is no message."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.message",
            "res_id": found.id,
            "views": [(False, "form")],
        }

    def _shown(self) -> dict[str, Any]:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try a direct call"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_flow_id": self.flow_id.id},
        }
