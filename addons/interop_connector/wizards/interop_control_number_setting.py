from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..big_integer import BigInteger
from ..lib.control_numbers import NUMBER_KINDS, NumberRule, rules_of


class InteropControlNumberSetting(models.TransientModel):
    """Sets the number that the next payload takes: with a reason, and twice asked if downward."""

    _name = "interop.control.number.setting"
    _description = "Set Next Control Number"

    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="cascade",
        help="The connector whose payloads are numbered.",
    )  # fmt: skip
    kind = fields.Selection(
        selection=lambda self: NUMBER_KINDS.selection(), required=True, default="interchange",
        help="What is numbered.",
    )  # fmt: skip
    current = BigInteger(
        string="Next number now", compute="_compute_current",
        help="What the next payload would take as things stand.",
    )  # fmt: skip
    limits = fields.Char(compute="_compute_current", help="The first and the last number.")
    number = BigInteger(
        string="New next number", required=True, help="What the next payload is to take."
    )
    is_lower = fields.Boolean(
        compute="_compute_is_lower",
        help="Numbers between the new and the present one were given already.",
    )
    lower_confirmed = fields.Boolean(
        string="The partner agreed to see these numbers again",
        help="Numbers that the partner has seen before come once more. Many partners refuse such "
        "payloads as duplicates.",
    )
    reason = fields.Char(
        help="Why. It is kept in the audit trail and beside the number, so write no patient data "
        "here."
    )

    @api.depends("connector_id", "kind")
    def _compute_current(self) -> None:
        for wizard in self:
            counter, rule = wizard._counter(), wizard._rule()
            wizard.current = counter.next_number if counter else rule.lowest
            lowest = counter.lowest if counter else rule.lowest
            highest = counter.highest if counter else rule.highest
            wizard.limits = f"{lowest} – {highest}"

    @api.depends("number", "current")
    def _compute_is_lower(self) -> None:
        for wizard in self:
            wizard.is_lower = bool(wizard.number) and wizard.number < wizard.current

    def action_set(self) -> dict[str, Any]:
        """Set the next number of the connector's payloads. Leaves evidence."""
        self.ensure_one()
        if not self.env.user.has_group("interop_base.group_manager"):
            raise UserError(self.env._("Only Interop managers may do this."))
        self.connector_id.check_access("write")
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the next number is set; it is kept as evidence."))
        counters = self.env["interop.control.number"].sudo()
        counters._ensure(self.connector_id.id, "out", {self.kind: self._rule()})
        self._counter()._set_next(self.number, reason, self.lower_confirmed)
        return {"type": "ir.actions.act_window_close"}

    def _counter(self) -> models.Model:
        return (
            self.env["interop.control.number"]
            .sudo()
            .search(
                [
                    ("connector_id", "=", self.connector_id.id),
                    ("direction", "=", "out"),
                    ("kind", "=", self.kind),
                ]
            )
        )

    def _rule(self) -> NumberRule:
        codec = self.connector_id._codec()
        known = rules_of(codec) if codec else {}
        return known.get(self.kind) or NUMBER_KINDS.get(self.kind or "interchange").rule
