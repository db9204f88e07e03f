from typing import Any

from odoo import api, fields, models


class InteropProbe(models.TransientModel):
    """What a probe saw, for the dialog that shows it."""

    _name = "interop.probe"
    _description = "Probe Result"

    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The connector that was tried.",
    )
    line_ids = fields.One2many(
        "interop.probe.line",
        "probe_id",
        string="Steps",
        readonly=True,
        help="What was tried, in this order. Each endpoint ends at the first step that fails.",
    )
    ok = fields.Boolean(
        string="All well", compute="_compute_ok", help="Whether every step went well."
    )

    to_look_at = fields.Boolean(
        compute="_compute_to_look_at",
        help="All went well, and something should be seen to before it no longer does.",
    )

    @api.depends("line_ids.ok")
    def _compute_ok(self) -> None:
        for probe in self:
            probe.ok = bool(probe.line_ids) and all(probe.line_ids.mapped("ok"))

    def _summary(self) -> dict[str, str]:
        """Endpoint and the last step that was reached, for the audit trail."""
        return {
            line.endpoint_id.name: f"{line.name}: {'ok' if line.ok else 'failed'}"
            for line in self.line_ids
        }

    @api.depends("line_ids.result")
    def _compute_to_look_at(self) -> None:
        for probe in self:
            probe.to_look_at = probe.ok and "look" in probe.line_ids.mapped("result")

    def _open(self) -> dict[str, Any]:
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Probe of %s", self.connector_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_again(self) -> dict[str, Any]:
        """Try once more."""
        self.ensure_one()
        return self.connector_id.action_probe()
