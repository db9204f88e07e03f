from odoo import fields, models

from ..lib.evidence.findings import CODES


class InteropAuditFinding(models.Model):
    """One finding of a verification."""

    _name = "interop.audit.finding"
    _description = "Finding of a Verification"
    _order = "verification_id desc, id"
    _rec_name = "sentence"

    verification_id = fields.Many2one(
        "interop.audit.verification",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The verification that found it.",
    )
    code = fields.Selection(
        [(code, meaning) for code, (_severity, meaning) in CODES.items()],
        string="What",
        required=True,
        readonly=True,
        help="The kind of finding.",
    )
    severity = fields.Selection(
        [("error", "Error"), ("warning", "Warning"), ("note", "Note")],
        required=True,
        readonly=True,
        help="Error: the trail was bent. Warning: look at it soon. Note: good to know.",
    )
    seal = fields.Integer(readonly=True, aggregator=None, help="Number of the seal concerned.")
    entry = fields.Integer(readonly=True, aggregator=None, help="Number of the entry concerned.")
    sentence = fields.Text(string="Finding", required=True, readonly=True, help="What was found.")

    def action_open(self) -> dict:
        """Open the entry that it is about, else the seal."""
        self.ensure_one()
        model, number = "interop.audit.entry", self.entry
        # An entry that was removed cannot be shown; its seal can.
        if not number or not self.env[model].search_count([("id", "=", number)]):
            model, number = "interop.audit.seal", self.seal
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": number,
            "views": [(False, "form")],
        }
