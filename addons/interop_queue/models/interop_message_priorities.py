from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.wake import wake_after_commit
from ..lib.priorities import PRIORITIES, told
from ..lib.statements import statement


class InteropMessagePriorities(models.AbstractModel):
    """How urgent a message is, and changing that while it waits."""

    _name = "interop.message.priorities"
    _description = "Message: Priority"

    priority_told = fields.Char(
        string="Urgency",
        compute="_compute_priority_told",
        help="Urgent messages go first, low ones last. It comes from the flow; operators can "
        "change it while the message waits.",
    )

    def _compute_priority_told(self) -> None:
        for message in self:
            message.priority_told = told(message.priority)

    def action_ask_priority(self) -> dict:
        """Open the dialog that asks how urgent messages are, and why."""
        return self._dialog("interop.message.priority", self.env._("Change the priority"))

    def action_set_priority(self, priority: int, reason: str) -> bool:
        """Let messages that wait go sooner or later; `reason` is kept as evidence.

        `priority` is one of `priorities.PRIORITIES`. Chains keep their order. For operators.
        """
        self._require_operator()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept with the message."))
        if str(priority) not in dict(PRIORITIES):
            raise UserError(self.env._("Choose urgent, normal or low."))
        self.check_access("read")
        self.env.flush_all()
        self.env.cr.execute(statement("set_priority"), {"ids": self.ids, "priority": int(priority)})
        changed = {row[0] for row in self.env.cr.fetchall()}
        messages = self.sudo()
        messages.invalidate_recordset()
        if len(changed) < len(self):
            raise UserError(
                self.env._(
                    "%s of the chosen messages do not wait any more. Reload the list and choose "
                    "again.",
                    len(self) - len(changed),
                )
            )
        messages._note_act(
            "message.priority_changed", {"reason": reason.strip(), "priority": told(priority)}
        )
        wake_after_commit(self.env)
        return True
