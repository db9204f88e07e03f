import uuid

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.interop_audit.lib.entry import AuditRow
from odoo.addons.interop_vault.lib.refs import Sealing

from ..engine.transaction import insert_messages
from ..engine.wake import wake_after_commit
from ..lib.batching import GATHERED
from ..lib.modes import BATCH, DIRECT

RESENDABLE = ("sent", "done", "dead", "cancelled")


class InteropMessageResending(models.AbstractModel):
    """Sending again with a new key: a deliberate act, and the partner sees a new message."""

    _name = "interop.message.resending"
    _description = "Message: Sending Again"

    def action_resend(self, reason: str) -> "InteropMessageResending":
        """Make a new message of each of these; return the new ones, oldest original first.

        Same flow, record, business key and chain, at the chain's end; a key of its own. Composed
        afresh from the record; a message that brought its own document brings it again. A dead
        letter is cancelled, as it would hold the new message back. Operators; asks for a reason.

        :raises UserError: no reason, an inbound message or one that is still on its way, or a flow
            or connector that is retired
        """
        self._require_operator()
        self.check_access("read")
        reason = (reason or "").strip()
        if len(reason) < 5:
            raise UserError(self.env._("Say in a few words why it is to be sent again."))
        originals = self.sudo().sorted("id")
        originals._check_resendable()
        if dead := self.filtered(lambda message: message.state == "dead"):
            dead.action_cancel(reason)
        rows = [original._new_row() for original in originals]
        made = self.sudo().browse(insert_messages(self.env.cr, rows))
        originals._copy_documents(made)
        self.env["interop.audit"]._record_many(
            [
                AuditRow(
                    act="message.resent",
                    res_model=self._name,
                    res_id=original.id,
                    subject=original.uuid,
                    details={"reason": reason, "new": new.uuid},
                    company_id=original.company_id.id or None,
                    area_id=original.area_id.id or None,
                )
                for original, new in zip(originals, made, strict=True)
            ]
        )
        self.invalidate_model(["resent_ids"])
        wake_after_commit(self.env)
        return made.with_env(self.env)

    def _check_resendable(self) -> None:
        if not self:
            raise UserError(self.env._("Choose the messages that are to be sent again."))
        if any(message.direction == "in" for message in self):
            raise UserError(
                self.env._("Only what we send can be sent again. Ask the partner to send anew.")
            )
        if any(message.state not in RESENDABLE for message in self):
            raise UserError(
                self.env._(
                    "A message that is still on its way is not sent again: it would arrive twice. "
                    "Wait until it is sent, or cancel it first."
                )
            )
        if any(message.purged_at and not message.res_id for message in self):
            raise UserError(
                self.env._(
                    "The content of a message was purged, and there is no record in Odoo from "
                    "which it could be composed: it cannot be sent again."
                )
            )
        for flow in self.flow_id:
            published = flow.version_id._value()["flow"] if flow.version_id else {}
            if published.get("mode") == DIRECT:
                raise UserError(
                    self.env._(
                        "“%s” is asked directly: nobody would wait for the answer. Ask anew where "
                        "it is needed.",
                        flow.name,
                    )
                )
            if flow.state == "retired" or not flow.version_id:
                raise UserError(
                    self.env._("The flow “%s” is retired: nothing is sent on it.", flow.name)
                )

    def _new_row(self) -> dict:
        """The new message. Where it goes is told by the version in force, as for a new event."""
        self.ensure_one()
        _version_id, plan = self.env["interop.flow.version"]._plan_of(self.flow_id.id)
        connector = self.env["interop.connector"].browse(plan.flow["connector"])
        if connector.state == "retired":
            raise UserError(
                self.env._("The connector “%s” is retired: nothing is sent on it.", connector.name)
            )
        return {
            "uuid": str(uuid.uuid4()),
            "flow_id": self.flow_id.id,
            "connector_id": connector.id,
            "company_id": self.company_id.id or None,
            "area_id": plan.flow["area"],
            "direction": "out",
            "document_type": f"{plan.document_type} {plan.document_version}",
            "event": self.event or None,
            "priority": self.priority,
            "chain": self.chain or None,
            "business_key": self.business_key or None,
            "partner_id": self.partner_id.id or None,
            "res_model": self.res_model or None,
            "res_id": self.res_id or None,
            "size": self.size,
            "resent_from_id": self.id,
            "held": GATHERED if plan.flow.get("mode") == BATCH else None,
        }

    def _copy_documents(self, made: "InteropMessageResending") -> None:
        """What was not composed from a record exists as a sealed document only."""
        new = {
            (old.uuid, "document"): fresh.uuid
            for old, fresh in zip(self, made, strict=True)
            if not old.res_id
        }
        plan_of = self.env["interop.flow.version"]._plan_of
        classes = {fresh.uuid: plan_of(fresh.flow_id.id)[1].retention_class for fresh in made}
        vault = self.env["interop.vault"].sudo()
        opened = vault._open_many(new)
        if len(opened) < len(new):
            raise UserError(
                self.env._(
                    "The document of a message is not kept any more: it cannot be sent again."
                )
            )
        if opened:
            vault._seal_many(
                [
                    Sealing(new[place], place[1], opened[place], classes[new[place]])
                    for place in opened
                ]
            )
