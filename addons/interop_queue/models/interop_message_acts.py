import logging

from odoo import models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_audit.lib.entry import AuditRow

from ..engine.settle import release_after, tell
from ..engine.wake import wake_after_commit
from ..lib.direct import HELD
from ..lib.statements import statement

_logger = logging.getLogger(__name__)


class InteropMessageActs(models.AbstractModel):
    """What people do with messages. Every act asks for a right of its own and leaves evidence."""

    _name = "interop.message.acts"
    _description = "Message: Acts of People"

    def action_redrive(self, reason: str | None = None) -> bool:
        """Run dead letters again: same key, same place in their chain, composed afresh."""
        self._require_operator()
        if any(message.purged_at for message in self):
            raise UserError(
                self.env._(
                    "The content of a message was purged when its time was over: it has ended and "
                    "cannot run again. What has a record in Odoo can be sent as a new message."
                )
            )
        if any(message.state == "dead" and message.held == HELD for message in self):
            raise UserError(
                self.env._(
                    "Whoever asked this partner directly was told at once and waits no more, so a "
                    "direct call does not run again. Find out what the partner did, cancel the "
                    "message with that reason, and ask anew if it is needed."
                )
            )
        self._act("redrive", "message.redriven", reason)
        wake_after_commit(self.env)
        return True

    def action_redrive_masked(self, reason: str) -> bool:
        """Let a message that the last look held leave once with masked what was found.

        For managers, one message at a time; `reason` is kept as evidence. What cannot be masked (a
        number) is held again.
        """
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_manager") and not self.env.su:
            raise AccessError(
                self.env._("Only Interop managers may let a held message out masked.")
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: somebody has to answer for what leaves."))
        if self.direction != "out" or self.failure_class != "policy":
            raise UserError(self.env._("This message was not held by a policy: run it again."))
        changed = self._act("redrive", "message.let_out_masked", reason.strip())
        self.env.cr.execute(statement("mask_once"), {"ids": changed})
        self.sudo().invalidate_recordset(["masks_once"])
        wake_after_commit(self.env)
        return True

    def action_cancel(self, reason: str) -> bool:
        """End messages that have not been sent; `reason` is kept as evidence."""
        self._require_operator()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept with the message."))
        freed = self._act("cancel", "message.cancelled", reason.strip())
        self.env.cr.execute(statement("release_successors"), {"ids": freed})
        self.env.cr.execute(statement("release_dependents"), {"ids": freed})
        self._release_after_commit(freed)
        wake_after_commit(self.env)
        return True

    def action_ask_redrive(self) -> dict:
        """Open the dialog that tells what running again will do."""
        return self._dialog("interop.message.redrive", self.env._("Run dead letters again"))

    def action_ask_resend(self) -> dict:
        """Open the dialog that asks why messages are to be sent again as new ones."""
        return self._dialog("interop.message.resend", self.env._("Send again as a new message"))

    def action_ask_cancel(self) -> dict:
        """Open the dialog that asks for the reason."""
        return self._dialog("interop.message.decision", self.env._("Cancel messages"))

    def action_read_content(self) -> dict:
        """Open the dialog that asks why the content is to be read."""
        self.ensure_one()
        return self._dialog("interop.content.reading", self.env._("Read content"))

    def action_open_record(self) -> dict:
        """Open the Odoo record that the message is about."""
        self.ensure_one()
        if self.res_model not in self.env or not self.res_id:
            raise UserError(self.env._("This message is not about a record in Odoo yet."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _dialog(self, model: str, name: str) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_message_ids": self.ids, "default_message_id": self[:1].id},
        }

    def _act(self, name: str, act: str, reason: str | None) -> list[int]:
        """Change states with the queue's statement `name`; say who did it and why.

        Not under the runtime lock: claims and settles hold it many times a second, and a person's
        REPEATABLE READ transaction would fail at it on every busy connector. What that lock keeps
        apart, parking and releasing, is done once more after the commit.
        """
        self.check_access("read")
        messages = self.sudo()
        batches = messages.batch_id
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(statement(name), {"ids": self.ids})
        changed = [row[0] for row in cr.fetchall()]
        messages.invalidate_recordset()
        if len(changed) < len(self):
            raise UserError(
                self.env._(
                    "%(number)s of the chosen messages are in a state in which this is not "
                    "possible. Reload the list and choose again.",
                    number=len(self) - len(changed),
                )
            )
        cr.execute(statement("forget_missing"), {"ids": changed})
        messages._note_act(act, {"reason": reason} if reason else None)
        tell(messages.env, messages._outcomes())
        messages.env["interop.batch"]._note_members(batches)
        return changed

    def _count_behind(self) -> int:
        """How many messages wait behind these in their chains."""
        self.env.cr.execute(statement("count_behind"), {"ids": self.ids})
        return self.env.cr.fetchone()[0]

    def _count_stood_for(self) -> int:
        """How many later updates only these bring to the partner."""
        open_ones = self.filtered(lambda message: message.state in ("waiting", "ready", "dead"))
        return self.sudo().search_count([("coalesced_into_id", "in", open_ones.ids)])

    def _note_act(self, act: str, details: dict | None) -> None:
        self.env["interop.audit"]._record_many(
            [
                AuditRow(
                    act=act,
                    res_model=self._name,
                    res_id=message.id,
                    subject=message.uuid,
                    details=details,
                    company_id=message.company_id.id or None,
                    area_id=message.area_id.id or None,
                )
                for message in self
            ]
        )

    def _release_after_commit(self, freed: list[int]) -> None:
        """A claim at the same time may have parked one behind a message that is being cancelled.

        Under the runtime lock and with all commits in view, nothing is overlooked.
        """
        registry = self.env.registry
        connectors = sorted(self.sudo().connector_id.ids)

        @self.env.cr.postcommit.add
        def release() -> None:
            try:
                release_after(registry, connectors, freed)
            except Exception as failure:
                # What was committed stays; the reaper releases what is forgotten.
                _logger.warning("interop: chains are released later (%s)", type(failure).__name__)

    def _require_operator(self) -> None:
        if not self.env.user.has_group("interop_base.group_operator") and not self.env.su:
            raise AccessError(self.env._("Only Interop operators may run or cancel messages."))
