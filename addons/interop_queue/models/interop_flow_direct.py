import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..lib.direct import AT_MOST, AT_MOST_MOST, SECONDS, SECONDS_MOST
from ..lib.modes import DIRECT


class InteropFlowDirect(models.AbstractModel):
    """A flow whose caller waits for the partner's answer: how long, how many, and for what."""

    _name = "interop.flow.direct"
    _description = "Flow: Direct Calls"

    direct_seconds = fields.Integer(
        string="Wait at most",
        required=True,
        default=SECONDS,
        tracking=True,
        help="Seconds that a caller waits for the partner's answer, up to 30. When they are over "
        "the outcome is unknown: never a success. A shorter time of the endpoint counts.",
    )
    direct_at_most = fields.Integer(
        string="Callers at once",
        required=True,
        default=AT_MOST,
        tracking=True,
        help="How many may wait for this flow's answers at the same time, over all processes. One "
        "more is told at once to try later, so that a slow partner never holds all of Odoo's "
        "workers. The connector's own limit counts too.",
    )
    direct_answer_type_id = fields.Many2one(
        "interop.document.type",
        string="Answer",
        tracking=True,
        help="What the partner's answer is. It is checked against this type before the caller gets "
        "it. Empty: the caller learns whether the partner accepted, and nothing else.",
    )
    direct_answer_policy_id = fields.Many2one(
        "interop.policy",
        string="Policy of the answer",
        tracking=True,
        domain="[('document_type_id', '=', direct_answer_type_id)]",
        help="What of the answer may come in. What the policy drops the caller does not see. "
        "Empty: everything that the document type knows.",
    )

    @api.constrains(
        "mode", "direction", "batch_size", "expects_answer", "direct_seconds", "direct_at_most",
        "direct_answer_type_id", "direct_answer_policy_id",
    )  # fmt: skip
    def _check_direct(self) -> None:
        for flow in self:
            if not 1 <= flow.direct_seconds <= SECONDS_MOST:
                raise ValidationError(self.env._("A caller waits for 1 to 30 seconds."))
            if not 1 <= flow.direct_at_most <= AT_MOST_MOST:
                raise ValidationError(self.env._("1 to 100 callers may wait at once."))
            policy = flow.direct_answer_policy_id
            if policy and policy.document_type_id != flow.direct_answer_type_id:
                raise ValidationError(
                    self.env._("The policy of the answer is for another document type.")
                )
            if flow.mode != DIRECT:
                continue
            if flow.direction != "out":
                raise ValidationError(self.env._("Only outbound flows can be asked directly."))
            if flow.batch_size > 1:
                raise ValidationError(self.env._("A direct call carries a single document."))
            if flow.expects_answer:
                raise ValidationError(
                    self.env._("The answer to a direct call comes at once, not as a later message.")
                )

    def _published_settings(self) -> dict[str, Any]:
        return super()._published_settings() | {"direct": self._direct_snapshot()}

    def _direct_snapshot(self) -> dict[str, Any] | None:
        """None for flows of another mode: what was published before is equal to what would be."""
        if self.mode != DIRECT:
            return None
        kind, policy = self.direct_answer_type_id, self.direct_answer_policy_id
        return {
            "seconds": self.direct_seconds,
            "at_most": self.direct_at_most,
            "answer": {
                "document_type": {
                    "code": kind.code,
                    "version": kind.version,
                    "schema": json.loads(kind.schema_text),
                },
                "policy": policy._snapshot() if policy else None,
            }
            if kind
            else None,
        }

    def action_try_direct(self) -> dict[str, Any]:
        """Open the dialog that makes a direct call about one record. Operators."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_operator"):
            raise UserError(self.env._("Only Interop operators may do this."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try a direct call"),
            "res_model": "interop.direct.trial",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_flow_id": self.id},
        }
