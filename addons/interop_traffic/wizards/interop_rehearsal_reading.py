from odoo import api, fields, models

from odoo.addons.interop_queue.engine.rehearsing import rehearse
from odoo.addons.interop_queue.lib.rehearsal import IMPOSSIBLE, MAKEABLE


class InteropRehearsalReading(models.TransientModel):
    """Then and now, value by value: made afresh for the answer to one request, stored nowhere."""

    _name = "interop.rehearsal.reading"
    _description = "Reading of a Rehearsal"
    _inherit = ["interop.content.gate"]
    _transient_max_hours = 1.0

    result_id = fields.Many2one(
        "interop.rehearsal.result", required=True, ondelete="cascade", help="Which result."
    )
    message_id = fields.Many2one(
        "interop.message", related="result_id.message_id", help="The message that was rehearsed."
    )
    fields_html = fields.Html(
        string="Field by field", compute="_compute_fields_html", sanitize=False,
        help="What was sent beside what would be sent now.",
    )  # fmt: skip

    @api.depends("read_at")
    @api.depends_context("uid")
    def _compute_fields_html(self) -> None:
        for reading in self:
            opened = reading._opened()
            reading.fields_html = opened._told() if opened else False

    def _told(self) -> str:
        self._check_allowed()
        against = self.result_id.sudo().rehearsal_id.against
        [found] = rehearse(self.env.registry, self.message_id.ids, against)
        return self.env["ir.qweb"]._render(
            "interop_traffic.rehearsal_diff",
            {
                "found": found,
                "impossible": found.outcome == IMPOSSIBLE,
                "makeable": found.outcome == MAKEABLE,
            },
        )

    # -- the gate ------------------------------------------------------------------------------

    def _check_allowed(self) -> None:
        self._require_right(
            "interop_base.group_payload_reader",
            self.env._("Reading values needs the right “Payload Reader”."),
        )
        if self.result_id.rehearsal_id.against == "draft":
            self._require_right(
                "interop_base.group_clear_reader",
                self.env._(
                    "No published policy has screened what a draft makes, so reading it needs the "
                    "right “Clear Content Reader”."
                ),
            )
        self.result_id.check_access("read")
        self.message_id.check_access("read")

    def _record_reading(self, facts: dict) -> None:
        message = self.message_id
        self.env["interop.audit"]._record(
            "message.content.read",
            record=message,
            subject=message.uuid,
            details=facts,
            company_id=message.company_id.id,
            area_id=message.area_id.id,
        )

    def _reading_facts(self) -> dict:
        against = self.result_id.rehearsal_id.against
        return {"kind": "rehearsal", "view": "clear" if against == "draft" else "policy"}

    def _company(self) -> models.BaseModel:
        return self.message_id.sudo().company_id

    def _is_sensitive(self) -> bool:
        return self._type_is_sensitive(self.message_id.sudo().document_type)

    def _title(self) -> str:
        return self.env._("Then and now: %s", self.message_id.display_name)
