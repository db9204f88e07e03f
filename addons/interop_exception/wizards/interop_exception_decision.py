from typing import Any

from odoo import api, fields, models

from ..lib.decisions import DECISIONS


class InteropExceptionDecision(models.TransientModel):
    """Asks for the reason of a decision that needs one."""

    _name = "interop.exception.decision"
    _description = "Decide an Exception"

    exception_ids = fields.Many2many(
        "interop.exception",
        string="Exceptions",
        required=True,
        readonly=True,
        help="What is decided.",
    )
    decision = fields.Selection(
        selection=lambda self: DECISIONS.selection(),
        required=True,
        readonly=True,
        help="The decision you are about to take.",
    )
    effect = fields.Char(
        string="What it does", compute="_compute_effect", help="What taking this decision does."
    )
    reason = fields.Text(
        help="Why you decide so. It is kept with the exception as evidence. Write no patient data "
        "and no message content here."
    )

    @api.depends("decision")
    def _compute_effect(self) -> None:
        for wizard in self:
            wizard.effect = DECISIONS.get(wizard.decision).effect if wizard.decision else ""

    def action_confirm(self) -> dict[str, Any]:
        """Take the decision with the reason given."""
        self.ensure_one()
        self.exception_ids._decide(self.decision, self.reason)
        return {"type": "ir.actions.act_window_close"}
