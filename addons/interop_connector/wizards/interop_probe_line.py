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
        [("ok", "OK"), ("failed", "Failed")],
        compute="_compute_result",
        help="How the step ended.",
    )
    detail = fields.Char(help="What was seen.")

    def _compute_result(self) -> None:
        for line in self:
            line.result = "ok" if line.ok else "failed"
