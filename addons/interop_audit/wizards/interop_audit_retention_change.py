from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.interop_audit_retention import SIX_YEARS


class InteropAuditRetentionChange(models.TransientModel):
    """Changes for how long the trail is kept, and whether months go by themselves."""

    _name = "interop.audit.retention.change"
    _description = "Change the Retention of the Audit Trail"

    months = fields.Integer(
        string="Kept for (months)",
        required=True,
        default=lambda self: self.env["interop.audit.retention"].sudo()._months_kept(),
        help="For so many months after its end a month of the trail is kept. Six years (72) are "
        "what 45 CFR 164.316 asks for.",
    )
    switched_on = fields.Boolean(
        string="Drop months by itself",
        default=lambda self: self.env["interop.audit.retention"].sudo()._is_on(),
        help="On: what is past its time goes daily, if it is sealed, anchored and not held. Off: a "
        "person drops each month.",
    )
    is_short = fields.Boolean(
        compute="_compute_is_short", help="The trail would be kept for less than six years."
    )
    reason = fields.Text(help="Why it is changed. It is kept in the audit trail.")

    @api.depends("months")
    def _compute_is_short(self) -> None:
        for change in self:
            change.is_short = change.months < SIX_YEARS

    def action_change(self) -> dict:
        """From now on this is the rule."""
        self.ensure_one()
        retention = self.env["interop.audit.retention"]
        retention._require_manager()
        if not 1 <= self.months <= 1200:
            raise UserError(self.env._("The trail is kept for 1 to 1200 months."))
        reason = (self.reason or "").strip()
        if self.is_short and len(reason) < 5:
            raise UserError(
                self.env._(
                    "Less than 72 months needs a reason: 45 CFR 164.316(b)(2)(i) asks for six "
                    "years."
                )
            )
        retention = retention.sudo()
        before = {"months": retention._months_kept(), "switched_on": retention._is_on()}
        now = {"months": self.months, "switched_on": self.switched_on}
        rule = self.env["interop.audit.retention.rule"].sudo().create({**now, "reason": reason})
        self.env["interop.audit"]._record(
            "audit.retention_changed",
            record=rule,
            details={"before": before, "now": now, "reason": reason or None},
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
