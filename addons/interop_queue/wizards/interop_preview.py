import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.canonical import digest
from odoo.addons.interop_policy.lib.policy import decision_labels

from ..engine.evidence import evidence_of
from ..engine.previewing import Previewed, preview
from ..lib.handlers import HANDLERS
from ..lib.view import looks, only
from .interop_content_gate import SENSITIVE

SOURCES = [
    ("example", "The made-up example of the document type"),
    ("message", "A message"),
    ("record", "A record in Odoo"),
]
VALUES = [
    ("none", "Titles and types only"),
    ("clear", "With the values"),
]
FILTERS = [
    ("all", "All"),
    ("changed", "Only changed"),
    ("dropped", "Only dropped"),
    ("unnamed", "Only not named"),
]


class InteropPreview(models.TransientModel):
    """A document and what a policy makes of it for a connector, side by side, before it is true.

    Values of real documents come through the same gate as any reading of content. Without it the
    preview tells titles, types and decisions, or shows the document type's own example.
    """

    _name = "interop.preview"
    _description = "Preview of a Policy"
    _inherit = ["interop.content.gate"]
    _transient_max_hours = 1.0

    source = fields.Selection(
        SOURCES, string="Document", required=True, default="example", help="Which document to try."
    )
    message_id = fields.Many2one(
        "interop.message", help="The past or waiting message whose document is tried."
    )
    record = fields.Reference(
        selection="_selection_record",
        help="The record that is composed as the flow would do it. Nothing is queued or sent.",
    )
    flow_id = fields.Many2one(
        "interop.flow",
        compute="_compute_flow_id",
        store=True,
        readonly=False,
        help="The flow whose policy and connector are tried; it also composes the record.",
    )
    policy_id = fields.Many2one(
        "interop.policy",
        compute="_compute_policy_id",
        store=True,
        readonly=False,
        help="The policy to try, as it is now and not as a flow published it.",
    )
    connector_id = fields.Many2one(
        "interop.connector",
        compute="_compute_connector_id",
        store=True,
        readonly=False,
        help="Whose clearance counts. Empty: the clearance that the policy expects.",
    )
    other_policy_id = fields.Many2one(
        "interop.policy",
        string="Compare with",
        help="Another policy for the same document: the preview lists what differs.",
    )
    values = fields.Selection(
        VALUES,
        required=True,
        default="none",
        help="Values of messages and records are clear content on both sides, because any policy "
        "may be tried: seeing them needs the right “Clear Content Reader” and a reason.",
    )
    show = fields.Selection(
        FILTERS, string="Fields", required=True, default="all", help="Which fields to list."
    )
    tells_content = fields.Boolean(
        compute="_compute_tells_content", help="Values of a real document are asked for."
    )
    outcome_html = fields.Html(
        string="Outcome",
        compute="_compute_outcome_html",
        sanitize=False,
        help="The document, what leaves of it, and which rule decided. Stored nowhere.",
    )
    export_values = fields.Boolean(
        string="With the values",
        help="Put the values into the exported file, and not only decisions and digests. For Clear "
        "Content Readers who opened the preview with the values.",
    )
    exported = fields.Selection(
        [("plain", "Without values"), ("values", "With values")],
        readonly=True,
        copy=False,
        help="What was exported and noted in the audit trail.",
    )
    evidence = fields.Binary(
        attachment=False,
        compute="_compute_evidence",
        help="The preview as a JSON file: versions, digests and decisions. Stored nowhere.",
    )

    @api.model
    def _selection_record(self) -> list[tuple[str, str]]:
        """Kinds of records that a handler composes documents of."""
        specs = (HANDLERS.get(code) for code in HANDLERS.codes())
        names = {self.env[spec.model]._composes for spec in specs if spec.model in self.env} - {""}
        found = self.env["ir.model"].sudo().search([("model", "in", sorted(names))])
        return [(model.model, model.name) for model in found]

    @api.depends("message_id")
    def _compute_flow_id(self) -> None:
        for each in self:
            each.flow_id = each.message_id.flow_id or each.flow_id

    @api.depends("flow_id")
    def _compute_policy_id(self) -> None:
        for each in self:
            each.policy_id = each.flow_id.policy_id or each.policy_id

    @api.depends("flow_id")
    def _compute_connector_id(self) -> None:
        for each in self:
            each.connector_id = each.flow_id.connector_id or each.connector_id

    @api.depends("source", "values")
    def _compute_tells_content(self) -> None:
        for each in self:
            each.tells_content = each.source != "example" and each.values != "none"

    @api.depends("read_at", "show")
    @api.depends_context("uid")
    def _compute_outcome_html(self) -> None:
        for each in self:
            opened = each._opened()
            each.outcome_html = opened._outcome(each.show) if opened else False

    @api.depends("exported")
    @api.depends_context("uid")
    def _compute_evidence(self) -> None:
        for each in self:
            opened = each._opened()
            noted = opened.exported if opened else False
            data = opened._evidence(noted == "values") if noted else None
            each.evidence = data and base64.b64encode(data)

    # -- acts ----------------------------------------------------------------------------------

    def action_again(self) -> dict:
        """Choose anew, beginning from the same choices."""
        self.ensure_one()
        return self.copy({"show": "all"})._shown_again()

    def action_export(self) -> dict:
        """Note the export in the audit trail and hand over the file."""
        self.ensure_one()
        if not self._opened():
            raise UserError(self.env._("This preview has ended. Begin a new one, then export it."))
        with_values = self.export_values
        if with_values and not self._tells_values():
            raise AccessError(
                self.env._("Only a preview that was opened with the values is exported with them.")
            )
        self._check_allowed()
        data = self._evidence(with_values)
        noted = "values" if with_values else "plain"
        self._audit(
            "policy.preview.exported", self._reading_facts() | {"file": noted}, digest(data)
        )
        self._write_noted({"exported": noted})
        name = f"preview-{self.id}.json"
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/interop.preview/{self.id}/evidence/{name}?download=true",
            "target": "download",
        }

    # -- the gate ------------------------------------------------------------------------------

    def _free_fields(self) -> set[str]:
        return {"show", "export_values"}

    def _noted_fields(self) -> set[str]:
        return super()._noted_fields() | {"exported"}

    def _check_allowed(self) -> None:
        if not self.policy_id:
            raise UserError(self.env._("Choose the policy to try."))
        self._require_right(
            "interop_base.group_user", self.env._("Previews are for users of Interop.")
        )
        if self.tells_content:
            # The outcome too: any policy may be tried, one that sends everything among them.
            self._require_right(
                "interop_base.group_clear_reader",
                self.env._(
                    "Seeing values of a document here needs the right “Clear Content Reader”. You "
                    "may see titles and types, or try the made-up example."
                ),
            )
        for concerned in (
            self.policy_id,
            self.other_policy_id,
            self.connector_id,
            self.flow_id,
            self._document_record(),
        ):
            if concerned:
                concerned.check_access("read")
        if self.source != "example" and not self._document_record():
            raise UserError(self.env._("Choose the message or the record to try."))
        if self.source == "record" and not self.flow_id:
            raise UserError(self.env._("Choose the flow that composes the record."))

    def _check_reason(self) -> None:
        return super()._check_reason() if self.tells_content else None

    def _demands_identity(self) -> bool:
        return self.tells_content and super()._demands_identity()

    def _is_sensitive(self) -> bool:
        return self.policy_id.sudo().document_type_id.highest_sensitivity in SENSITIVE

    def _company(self) -> models.BaseModel:
        concerned = self._document_record().sudo()
        own = concerned.company_id if "company_id" in concerned._fields else False
        return own or self.flow_id.sudo().company_id or self.policy_id.sudo().company_id

    def _reading_facts(self) -> dict:
        return {
            "kind": "preview",
            "document": self.source,
            "view": self.values if self.tells_content else "none",
            "policy": self.policy_id.name,
            "connector": self.connector_id.code or "",
        }

    def _record_reading(self, facts: dict) -> None:
        if self.source != "example":  # which everybody may see
            self._audit("policy.previewed", facts)

    def _audit(self, act: str, facts: dict, content_digest: str | None = None) -> None:
        concerned = self._document_record() or self.policy_id
        self.env["interop.audit"]._record(
            act,
            record=concerned,
            subject=self.message_id.uuid if self.source == "message" else None,
            digest=content_digest,
            details=facts,
            company_id=self._company().id or None,
            area_id=(self.flow_id or self.policy_id).sudo().area_id.id or None,
        )

    def _title(self) -> str:
        return self.env._("Preview of %s", self.policy_id.name or self.env._("a policy"))

    # -- what is shown -------------------------------------------------------------------------

    def _document_record(self) -> models.BaseModel:
        match self.source:
            case "message":
                return self.message_id
            case "record" if self.record:
                return self.record
        return self.env["interop.message"]

    def _tells_values(self) -> bool:
        return self.source == "example" or self.values == "clear"

    def _previewed(self) -> Previewed:
        self._check_allowed()
        return preview(self, tell_values=self._tells_values())

    def _outcome(self, wanted: str) -> str:
        try:
            found, problem = self._previewed(), ""
        except InteropError as failure:
            found, problem = None, failure.sentence
        return self.env["ir.qweb"]._render(
            "interop_queue.preview_outcome",
            {
                "problem": problem,
                "found": found,
                "entries": only(found.entries, wanted) if found else (),
                "labels": decision_labels(),
                "looks": looks,
                "tally": found.screened.decisions if found else {},
                "held": found.held if found else False,
                "two_sides": True,
                "opened": wanted != "all",
            },
        )

    def _evidence(self, with_values: bool) -> bytes:
        try:
            found = self._previewed()
        except InteropError as failure:
            raise UserError(failure.sentence) from None
        facts = self._reading_facts() | {
            "made_by": self.env.user.login,
            "made_at": fields.Datetime.to_string(self.read_at) + "Z",
            "message": self.message_id.uuid if self.source == "message" else None,
            "flow": self.flow_id.code or None,
            "flow_version": self.flow_id.sudo().version_id.digest or None,
        }
        return evidence_of(found, facts, with_values and self._tells_values())
