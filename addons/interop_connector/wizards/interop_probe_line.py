from odoo import fields, models


class InteropProbeLine(models.TransientModel):
    """One step of a probe."""

    _name = "interop.probe.line"
    _description = "Probe Step"
    _order = "id"

    probe_id = fields.Many2one(
        "interop.probe", required=True, ondelete="cascade", help="The probe this belongs to."
    )
    endpoint_id = fields.Many2one(
        "interop.endpoint", ondelete="cascade", help="The address that was tried."
    )
    name = fields.Char(
        string="Step", required=True, help="What was tried: name, connection, encryption, answer."
    )
    ok = fields.Boolean(help="Whether the step went well.")
    result = fields.Selection(
        [("ok", "OK"), ("look", "Look"), ("failed", "Failed")],
        compute="_compute_result",
        help="How the step ended. Look: it went well, and something should be seen to soon.",
    )
    detail = fields.Char(help="What was seen.")
    milliseconds = fields.Integer(string="ms", help="How long the step took, in milliseconds.")
    advice = fields.Char(string="What to do", help="What helps, or should be seen to.")

    def _compute_result(self) -> None:
        for line in self:
            line.result = ("look" if line.advice else "ok") if line.ok else "failed"
