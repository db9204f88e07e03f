from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.decisions import DECISIONS, Decision, available
from ..lib.kinds import DIFFERENCE
from ..lib.states import GROUP_USER, OPEN_STATES

GROUP_OPERATOR = "interop_base.group_operator"
GROUP_FINANCE = "interop_base.group_finance_reviewer"

# What Odoo calls NO_ACCESS: readable by the superuser alone.
NO_ACCESS = "."


class InteropExceptionDeciding(models.AbstractModel):
    """How a person's decision is taken: once, by somebody who may, with evidence."""

    _name = "interop.exception.deciding"
    _description = "Deciding of Exceptions"

    decision_handler = fields.Char(
        readonly=True, help="Technical name of the model that carries a decision out."
    )
    decision_codes = fields.Char(
        readonly=True, help="Technical names of the decisions that fit, separated by commas."
    )
    decision_data = fields.Text(
        readonly=True,
        groups=NO_ACCESS,
        help="What a decision needs in order to be carried out, as JSON. Never shown.",
    )
    decision_help = fields.Text(
        string="What the decisions do",
        compute="_compute_allowed",
        help="What happens when you take each of the decisions that are open to you.",
    )
    may_accept_theirs = fields.Boolean(
        compute="_compute_allowed", help="You may accept the partner's value."
    )
    may_keep_ours = fields.Boolean(compute="_compute_allowed", help="You may keep our value.")
    may_redrive = fields.Boolean(
        compute="_compute_allowed", help="You may put the message back into the queue."
    )
    may_cancel = fields.Boolean(compute="_compute_allowed", help="You may give the message up.")
    may_close = fields.Boolean(
        compute="_compute_allowed", help="You may close this as settled elsewhere."
    )

    @api.depends("state", "kind", "decision_codes", "fact_ids.hidden")
    @api.depends_context("uid")
    def _compute_allowed(self) -> None:
        for exception in self:
            codes = exception._allowed()
            exception.may_accept_theirs = "accept_theirs" in codes
            exception.may_keep_ours = "keep_ours" in codes
            exception.may_redrive = "redrive" in codes
            exception.may_cancel = "cancel" in codes
            exception.may_close = "close" in codes
            exception.decision_help = exception._explain(codes)

    def _explain(self, codes: tuple[str, ...]) -> str:
        if codes:
            return "\n".join(
                f"{DECISIONS.get(code).label}: {DECISIONS.get(code).effect}" for code in codes
            )
        if self.state in OPEN_STATES:
            return self.env._(
                "You can follow this and hand it over, but not decide it: running a message again "
                "or giving it up is for operators of this business area."
            )
        return ""

    def _allowed(self) -> tuple[str, ...]:
        """The decisions that the current user may take on this exception now."""
        self.ensure_one()
        user = self.env.user
        if not user.has_group(GROUP_USER):
            # A finance reviewer decides differences; messages are other people's work.
            if not user.has_group(GROUP_FINANCE) or self.kind != DIFFERENCE.code:
                return ()
        return available(
            tuple(filter(None, (self.decision_codes or "").split(","))),
            is_open=self.state in OPEN_STATES,
            operator=user.has_group(GROUP_OPERATOR),
            sees_theirs=not any(self.fact_ids.mapped("hidden")),
        )

    def action_accept_theirs(self) -> dict[str, Any] | None:
        """Take the partner's value over."""
        return self._ask("accept_theirs")

    def action_keep_ours(self) -> dict[str, Any] | None:
        """Leave our document as it is."""
        return self._ask("keep_ours")

    def action_redrive(self) -> dict[str, Any] | None:
        """Put the message back into the queue."""
        return self._ask("redrive")

    def action_cancel(self) -> dict[str, Any] | None:
        """Give the message up; asks for a reason."""
        return self._ask("cancel")

    def action_close(self) -> dict[str, Any] | None:
        """Close as settled elsewhere; asks for a reason."""
        return self._ask("close")

    def _ask(self, code: str) -> dict[str, Any] | None:
        """Decide at once, or open the dialog that asks for the reason."""
        decision = DECISIONS.get(code)
        if not decision.reason_required:
            self._decide(code)
            return None
        return {
            "type": "ir.actions.act_window",
            "name": decision.label,
            "res_model": "interop.exception.decision",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_exception_ids": self.ids, "default_decision": code},
        }

    def _decide(self, code: str, reason: str | None = None) -> None:
        """Decide these exceptions as the current user.

        Deciding the same again as the same person changes nothing. Whoever comes second is told who
        was first: the row is locked before its state is read.

        :raises UserError: it is decided already or being decided by somebody, the reason is
            missing, or the decision cannot be carried out
        :raises AccessError: the user may not take this decision
        """
        decision = DECISIONS.get(code)
        reason = (reason or "").strip()
        if decision.reason_required and not reason:
            raise UserError(self.env._("Please say why: this decision needs a reason."))
        self.check_access("read")
        self._lock_for_decision()
        for exception in self:
            exception._decide_one(decision, reason)

    def _lock_for_decision(self) -> None:
        """Nobody else may decide these meanwhile.

        FOR NO KEY UPDATE: chatter and facts may go on referring to the row. If somebody decided
        after our snapshot, PostgreSQL raises a serialization failure, Odoo runs the request
        again, and then the state tells.
        """
        try:
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._("Somebody else is deciding this right now. Reload in a moment.")
            ) from None
        self.invalidate_recordset(["state", "resolution", "resolved_by_id", "resolved_at"])

    def _decide_one(self, decision: Decision, reason: str) -> None:
        if self.state not in OPEN_STATES:
            if self.resolution == decision.code and self.resolved_by_id == self.env.user:
                return
            raise UserError(self._already_decided())
        if decision.code not in self._allowed():
            raise AccessError(
                self.env._(
                    "“%(decision)s” is not open to you for: %(name)s",
                    decision=decision.label,
                    name=self.name,
                )
            )
        # First the row, then its effects: what the effect triggers finds the exception settled.
        self.sudo().write(
            {
                "state": decision.state,
                "owner_id": self.owner_id.id or self.env.uid,
                "resolution": decision.code,
                "resolution_note": reason or False,
                "resolved_by_id": self.env.uid,
                "resolved_at": fields.Datetime.now(),
            }
        )
        outcome = self._carry_out(decision, reason)
        self.env["interop.audit"]._record(
            "exception.decided",
            record=self.sudo(),
            subject=self.message_uuid or None,
            details={"decision": decision.code, "kind": self.kind, "reason": reason},
        )
        self._note(
            self.env._(
                "%(outcome)s, decided by %(person)s. %(effect)s",
                outcome=decision.outcome,
                person=self.env.user.name,
                effect=outcome or "",
            ).strip()
        )

    def _carry_out(self, decision: Decision, reason: str) -> str:
        """What the decision does to the message or the document; a sentence of references."""
        if decision.code == "redrive":
            self._decided_message().action_redrive(reason or self.env._("Decided on an exception"))
            return ""
        if decision.code == "cancel":
            self._decided_message().action_cancel(reason)
            return ""
        handler = self.decision_handler
        if decision.code == "close":
            return ""
        if handler not in self.env:
            raise UserError(
                self.env._("The module that carries this decision out is not installed any more.")
            )
        try:
            effect: str = self.env[handler]._decide(self, decision.code)
        except InteropError as failure:
            raise UserError(failure.sentence) from failure
        return effect

    def _decided_message(self) -> models.Model:
        if not self.message_id:
            raise UserError(self.env._("The message is not kept any more."))
        return self.message_id

    def _already_decided(self) -> str:
        if not self.resolved_by_id:
            return self.env._(
                "This has settled itself meanwhile: %(outcome)s.", outcome=self.resolution_label
            )
        return self.env._(
            "%(person)s was first: %(outcome)s, %(when)s.",
            person=self.resolved_by_id.name,
            outcome=self.resolution_label,
            when=fields.Datetime.to_string(self.resolved_at),
        )
