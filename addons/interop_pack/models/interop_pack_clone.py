import json
from typing import Any

from odoo import api, fields, models

from odoo.addons.interop_queue.lib.readiness import MISSING, Finding

from ..lib.guide import guide_html
from ..lib.places import fill_in
from .interop_pack_builder import MODELS


class InteropPackClone(models.Model):
    """What was made from a pack for one partner and company, and from which version."""

    _name = "interop.pack.clone"
    _description = "Partner from a Pack"
    _inherit = ["interop.audit.configured"]
    _configured_noun = "pack.clone"
    _order = "name, id"

    name = fields.Char(required=True, help="The partner and the company it was set up for.")
    prefix = fields.Char(
        required=True,
        readonly=True,
        help="What the codes of the connector, the flows and the crosswalks begin with.",
    )
    pack_id = fields.Many2one(
        "interop.pack",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        help="The version it was made from, or brought up to.",
    )
    pack_code = fields.Char(
        related="pack_id.code", store=True, help="The pack's own name, the same in all versions."
    )
    partner_id = fields.Many2one(
        "res.partner", readonly=True, ondelete="restrict", help="The partner it was set up for."
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, index=True, help="The company it was set up for."
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business area",
        readonly=True,
        index=True,
        help="The part of the business that relies on it.",
    )
    connector_id = fields.Many2one(
        "interop.connector",
        readonly=True,
        ondelete="cascade",
        index=True,
        help="The way to the partner that was made.",
    )
    answers_text = fields.Text(
        string="Answers", readonly=True, help="What was answered to the pack's questions, as JSON."
    )
    part_ids = fields.One2many(
        "interop.pack.clone.part", "clone_id", readonly=True, help="What was made, piece by piece."
    )
    newer_pack_id = fields.Many2one(
        "interop.pack",
        string="Newer version",
        compute="_compute_newer_pack_id",
        help="A newer version of the pack is installed: look at what it would change.",
    )
    guide_html = fields.Html(
        string="Guide", compute="_compute_guide_html", help="What to arrange with the partner."
    )

    _connector_unique = models.UniqueIndex(
        "(connector_id)", "The connector was made from a pack already."
    )
    _prefix_unique = models.UniqueIndex("(prefix)", "Another partner has this short name.")

    @api.depends("pack_id")
    def _compute_newer_pack_id(self) -> None:
        for clone in self:
            newest = clone.pack_id and clone.pack_id._newest()
            newer = newest and (newest.version_sort or "") > (clone.pack_id.version_sort or "")
            clone.newer_pack_id = newest if newer else False

    @api.depends("pack_id")
    def _compute_guide_html(self) -> None:
        for clone in self:
            clone.guide_html = clone.pack_id and guide_html(clone.pack_id._body().get("guide", ""))

    def _answers(self) -> dict[str, Any]:
        self.ensure_one()
        return json.loads(self.answers_text or "{}")

    def _filled(self, pack) -> dict[str, Any]:
        """What a version of the pack says, with the answers of this clone at their places."""
        return fill_in(pack._body(), self._answers())

    def _state(self) -> dict[str, Any]:
        """What was made as it stands now, in the form of a pack and under the pack's codes."""
        codes: dict[str, dict[int, str]] = {kind: {} for kind in MODELS}
        for part in self.part_ids:
            codes[part.kind][part.res_id] = part.code
        return self.env["interop.pack.reader"]._read_connector(self.connector_id, codes)

    def _record_of(self, kind: str, code: str) -> models.BaseModel | None:
        """What was made for that entry of the pack; None if it is gone or never was."""
        for part in self.part_ids:
            if (part.kind, part.code) == (kind, code):
                return self.env[part.res_model].browse(part.res_id).exists() or None
        return None

    def _remaining(self) -> list[Finding]:
        """What a person has still to do before messages can travel, each with what to open.

        Once the connector works and the flows are published, *Ready to go live?* of each tells.
        """
        self.ensure_one()
        connector = self.connector_id
        unpublished = connector.flow_ids.filtered(lambda flow: not flow.version_id)
        if connector.state != "draft" and not unpublished:
            return []
        left: dict[str, Finding] = {}
        for flow in connector.flow_ids:
            for finding in flow._readiness():
                # That the connector is not active is a line of its own below, once for all flows.
                if finding.status == MISSING and finding.check != "connector":
                    left.setdefault(finding.sentence, finding)  # both flows miss the same secret
        if connector.state == "draft":
            sentence = self.env._("Activate the connector.")
            left[sentence] = Finding("connector", MISSING, sentence)
        for flow in unpublished:
            sentence = self.env._("Publish the flow “%s” when it is ready.", flow.name)
            left[sentence] = Finding("publish", MISSING, sentence, (flow._name, flow.id))
        return list(left.values())

    def action_open_connector(self) -> dict[str, Any]:
        """Open the connector that was made."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "interop.connector",
            "res_id": self.connector_id.id,
            "views": [(False, "form")],
        }

    def action_update(self) -> dict[str, Any]:
        """Show what the newer version of the pack would change."""
        self.ensure_one()
        [wizard] = self.env["interop.pack.updating"].create([{"clone_id": self.id}])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What the newer version changes"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_clone(self) -> dict[str, Any]:
        """Open the wizard, filled in as this one was, for another partner, company or site."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_pack.interop_pack_adding_action"
        )
        return action | {
            "context": {"default_pack_id": self.pack_id._newest().id, "default_clone_id": self.id}
        }
