import json

from odoo import api, fields, models

from odoo.addons.interop_base.lib.failures import InteropError, PolicyError
from odoo.addons.interop_document.lib.canonical import read_json
from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_policy.lib.policy import decision_labels
from odoo.addons.interop_vault.lib.sealing import VaultError

from ..engine.viewing import seen_through
from ..lib.view import decisions_of, entries_of, looks

SHOWN_AT_MOST = 200_000
KINDS = [
    ("document", "Document"),
    ("payload", "Payload on the wire"),
    ("reply", "Partner's technical reply"),
    ("acknowledgement", "Our technical acknowledgement"),
    ("diagnosis", "Odoo's own words about the failure"),
]
VIEWS = [
    ("policy", "As the policy shows it"),
    ("clear", "In the clear"),
]


class InteropContentReading(models.TransientModel):
    """Reading content is a right of its own, asks for a reason, and is itself evidence.

    By default the document is shown as the policy shows it: outbound what the partner may see,
    inbound what was taken in. Everything else is clear content and needs a second right.
    """

    _name = "interop.content.reading"
    _description = "Reading of Message Content"
    _inherit = ["interop.content.gate"]
    _transient_max_hours = 1.0

    message_id = fields.Many2one("interop.message", required=True, help="The message to read.")
    direction = fields.Selection(related="message_id.direction")
    kind = fields.Selection(KINDS, required=True, default="document", help="What to read.")
    view = fields.Selection(
        VIEWS,
        string="Shown",
        required=True,
        default="policy",
        help="As the policy shows it: outbound what the partner may see, by the version that sent "
        "it; inbound what was taken in. In the clear: everything, for Clear Content Readers only.",
    )
    is_clear = fields.Boolean(
        compute="_compute_is_clear",
        help="What is asked for is clear content: no policy has screened it.",
    )
    may_read_clear = fields.Boolean(
        compute="_compute_may_read_clear", help="You have the right “Clear Content Reader”."
    )
    content = fields.Text(
        compute="_compute_content", help="The content, shown to you now and stored nowhere."
    )
    fields_html = fields.Html(
        string="Field by field",
        compute="_compute_content",
        sanitize=False,
        help="The document field by field, with what was decided about each.",
    )

    @api.depends("kind", "view")
    def _compute_is_clear(self) -> None:
        for reading in self:
            reading.is_clear = reading.kind != "document" or reading.view == "clear"

    @api.depends_context("uid")
    def _compute_may_read_clear(self) -> None:
        self.may_read_clear = self.env.user.has_group("interop_base.group_clear_reader")

    @api.depends("read_at")
    @api.depends_context("uid")
    def _compute_content(self) -> None:
        for reading in self:
            opened = reading._opened()
            text, html = opened._told() if opened else (False, False)
            reading.content, reading.fields_html = text, html

    # -- the gate ------------------------------------------------------------------------------

    def _check_allowed(self) -> None:
        self._require_right(
            "interop_base.group_payload_reader",
            self.env._("Reading content needs the right “Payload Reader”."),
        )
        if self.is_clear:
            self._require_right(
                "interop_base.group_clear_reader",
                self.env._(
                    "Reading this needs the right “Clear Content Reader”, because no policy has "
                    "screened it. You may read the document as the policy shows it."
                ),
            )
        # The message's own rules: company and business area.
        self.message_id.check_access("read")

    def _record_reading(self, facts: dict) -> None:
        message = self.message_id
        self.env["interop.audit"]._record(
            "message.content.read",
            record=message,
            subject=message.uuid,
            version_digest=self._version().digest or None,
            details=facts,
            company_id=message.company_id.id,
            area_id=message.area_id.id,
        )

    def _reading_facts(self) -> dict:
        return {"kind": self.kind, "view": "clear" if self.is_clear else "policy"}

    def _company(self) -> models.BaseModel:
        return self.message_id.sudo().company_id

    def _is_sensitive(self) -> bool:
        return self._type_is_sensitive(self.message_id.sudo().document_type)

    def _title(self) -> str:
        return self.env._("Content of %s", self.message_id.display_name)

    # -- what is shown -------------------------------------------------------------------------

    def _told(self) -> tuple[str, str | bool]:
        """The content as text, and field by field where there is a policy's view of it."""
        self._check_allowed()
        try:
            data = self._sealed()
            if data is None:
                return self.env._("Nothing of this kind is kept for the message."), False
            if self.is_clear or self.message_id.direction == "in":
                return self._as_text(data), False
            body, html = self._as_the_partner_may_see(data)
        except InteropError as failure:
            return failure.sentence, False
        return self._cut(json.dumps(body, indent=2, ensure_ascii=False)), html

    def _as_the_partner_may_see(self, data: bytes) -> tuple[dict, str]:
        version = self._version()
        if not version:
            raise PolicyError(
                self.env._("The flow was never published, so no policy says what may be shown.")
            )
        snapshot = json.loads(version.snapshot_id.text)
        body = read_json(data)
        company = self.message_id.sudo().company_id.id
        seen = seen_through(self.env, snapshot, body, company)
        screened = seen.screened
        entries = entries_of(
            walk_fields(snapshot["document_type"]["schema"]),
            body,
            screened,
            decisions_of(seen.compiled, screened),
            tell_clear=False,
            tell_shown=True,
        )
        html = self.env["ir.qweb"]._render(
            "interop_queue.document_shown",
            {
                "entries": entries,
                "labels": decision_labels(),
                "looks": looks,
                "tally": screened.decisions,
                "held": seen.held,
                "two_sides": False,
                "opened": False,
            },
        )
        return screened.body, html

    def _version(self) -> models.BaseModel:
        """The version that ran the message, or the one in force if none did yet."""
        message = self.message_id.sudo()
        return message.version_id or message.flow_id.version_id

    def _sealed(self) -> bytes | None:
        message = self.message_id.sudo()
        if message.purged_at:
            # A payload of several may still hold its document, for the others' sake.
            raise VaultError(
                self.env._("This content was purged. Its digest is kept as evidence."),
                reason="shredded",
            )
        travelled = self.kind in ("payload", "reply", "acknowledgement")
        owner = message.interchange_id.uuid if travelled else message.uuid
        place = (owner, self.kind)
        return self.env["interop.vault"].sudo()._open_many([place] if owner else []).get(place)

    def _as_text(self, data: bytes) -> str:
        try:
            text = data.decode()
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except ValueError:
            text = data.decode(errors="backslashreplace")
        return self._cut(text)

    def _cut(self, text: str) -> str:
        if len(text) <= SHOWN_AT_MOST:
            return text
        rest = len(text) - SHOWN_AT_MOST
        return text[:SHOWN_AT_MOST] + self.env._("\n… %s more characters", rest)
