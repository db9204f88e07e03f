import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

SHOWN_AT_MOST = 200_000
KINDS = [
    ("document", "Document"),
    ("payload", "Payload on the wire"),
    ("reply", "Partner's technical reply"),
    ("acknowledgement", "Our technical acknowledgement"),
    ("diagnosis", "Odoo's own words about the failure"),
]


class InteropContentReading(models.TransientModel):
    """Reading content is a right of its own, asks for a reason, and is itself evidence.

    The clear text is computed for the answer to one request and stored nowhere: this record keeps
    the reason only.
    """

    _name = "interop.content.reading"
    _description = "Reading of Message Content"

    message_id = fields.Many2one("interop.message", required=True, help="The message to read.")
    kind = fields.Selection(KINDS, required=True, default="document", help="What to read.")
    reason = fields.Char(
        help="Why you need to see it. It is kept in the audit trail beside your name."
    )
    read_at = fields.Datetime(readonly=True, help="When the reading was noted.")
    content = fields.Text(
        compute="_compute_content", help="The content, shown to you now and stored nowhere."
    )

    @api.depends("read_at", "kind")
    def _compute_content(self) -> None:
        for reading in self:
            reading.content = reading._clear_text() if reading.read_at else False

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.pop("read_at", None)
        return super().create(vals_list)

    def write(self, vals):
        # Neither the note of the reading nor what was read can be set from outside.
        if "read_at" in vals or (self.filtered("read_at") and vals.keys() & {"message_id", "kind"}):
            raise AccessError(self.env._("Use the button Read, which leaves evidence."))
        return super().write(vals)

    def action_read(self) -> dict:
        """Note the reading in the audit trail, then show the content."""
        self.ensure_one()
        self._check_allowed()
        if len((self.reason or "").strip()) < 5:
            raise UserError(self.env._("Say in a few words why you need to read this."))
        message = self.message_id
        self.env["interop.audit"]._record(
            "message.content.read",
            record=message,
            subject=message.uuid,
            details={"kind": self.kind, "reason": self.reason.strip()},
            company_id=message.company_id.id,
            area_id=message.area_id.id,
        )
        super().write({"read_at": fields.Datetime.now()})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Content of %s", message.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _check_allowed(self) -> None:
        if not self.env.user.has_group("interop_base.group_payload_reader"):
            raise AccessError(self.env._("Reading content needs the right “Payload Reader”."))
        # The message's own rules: company and business area.
        self.message_id.check_access("read")

    def _clear_text(self) -> str:
        self._check_allowed()
        message = self.message_id.sudo()
        travelled = self.kind in ("payload", "reply", "acknowledgement")
        owner = message.interchange_id.uuid if travelled else message.uuid
        found = self.env["interop.vault"].sudo()._open_many([(owner, self.kind)] if owner else [])
        data = found.get((owner, self.kind))
        if data is None:
            return self.env._("Nothing of this kind is kept for the message.")
        try:
            text = data.decode()
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
        except ValueError:
            text = data.decode(errors="backslashreplace")
        if len(text) > SHOWN_AT_MOST:
            rest = len(text) - SHOWN_AT_MOST
            text = text[:SHOWN_AT_MOST] + self.env._("\n… %s more characters", rest)
        return text
