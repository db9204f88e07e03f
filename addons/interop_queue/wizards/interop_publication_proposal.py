from typing import Any

from odoo import api, fields, models


class InteropPublicationProposal(models.TransientModel):
    """What would change, and why: asked before a flow is published or proposed."""

    _name = "interop.publication.proposal"
    _description = "Propose a Publication"

    flow_id = fields.Many2one("interop.flow", required=True, help="The flow that would change.")
    version_id = fields.Many2one(
        "interop.flow.version",
        string="Roll back to",
        help="The older version that is to be in force again. Empty: the draft.",
    )
    needs_second_person = fields.Boolean(related="flow_id.needs_second_person")
    reason = fields.Text(
        required=True,
        help="Why. It is kept with the version and in the audit trail, so write no patient data "
        "here.",
    )
    changes_html = fields.Html(
        string="What changes",
        compute="_compute_changes_html",
        sanitize=False,
        help="What would run differently, field by field.",
    )
    findings = fields.Text(
        string="Not ready", compute="_compute_findings", help="What is still missing."
    )

    @api.depends("flow_id", "version_id")
    def _compute_changes_html(self) -> None:
        for wizard in self:
            flow = wizard.flow_id
            flow.check_access("read")
            wizard.version_id.check_access("read")
            before = flow.version_id._value() if flow.version_id else None
            after = wizard.version_id._value() if wizard.version_id else flow._snapshot()
            wizard.changes_html = self.env["interop.version.compare"]._differences(before, after)

    @api.depends("flow_id")
    def _compute_findings(self) -> None:
        for wizard in self:
            wizard.findings = wizard.flow_id._findings_text()

    @api.model
    def _open(
        self, flow: models.BaseModel, version: models.BaseModel | None = None
    ) -> dict[str, Any]:
        flow._require_manager()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Roll back") if version else self.env._("Publish"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_flow_id": flow.id,
                "default_version_id": version.id if version else False,
            },
        }

    def action_propose(self) -> dict[str, Any]:
        """Propose it to a second person, or put it in force where one person may."""
        self.ensure_one()
        flow, publications = self.flow_id, self.env["interop.publication"]
        publication = publications._propose(flow, self.reason, self.version_id)
        if not flow.needs_second_person:
            publication._approve_alone()
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.act_window",
            "res_model": publication._name,
            "res_id": publication.id,
            "view_mode": "form",
            "target": "current",
        }
