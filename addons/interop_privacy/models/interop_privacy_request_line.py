import json
from typing import Any

from odoo import api, fields, models

from odoo.addons.interop_queue.lib.erasure import OUTCOMES


class InteropPrivacyRequestLine(models.Model):
    """A message about the person: what has to be told of it, and what became of it.

    Told is what an accounting of disclosures asks for (45 CFR 164.528(b)(2)): when, to whom, what
    kind of information, for what purpose. Never a value of the message.
    """

    _name = "interop.privacy.request.line"
    _description = "Privacy Request: Message"
    _order = "request_id, moment, id"

    request_id = fields.Many2one(
        "interop.privacy.request",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
        help="The request.",
    )
    message_id = fields.Many2one(
        "interop.message",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        help="The message.",
    )
    company_id = fields.Many2one("res.company", readonly=True, help="The company it concerns.")
    direction = fields.Selection(
        [("out", "Told"), ("in", "Received")], readonly=True, help="Whether we sent or received it."
    )
    moment = fields.Datetime(
        string="When", readonly=True, help="When it was sent or received; else when it was made."
    )
    system = fields.Char(
        string="To or from", readonly=True, help="The partner's system it went to or came from."
    )
    document = fields.Char(readonly=True, help="What kind of document it was.")
    purpose = fields.Char(
        readonly=True, help="For what purpose the flow sends or receives it, as published."
    )
    flow = fields.Char(readonly=True, help="The flow it was on.")
    outcome = fields.Selection(
        [("found", "Found"), *OUTCOMES.items()],
        required=True,
        readonly=True,
        default="found",
        help="What became of its content.",
    )
    duty = fields.Char(
        string="Law",
        readonly=True,
        help="The law that asks to keep it, as the retention class says.",
    )

    @api.model
    def _facts(self, message: models.BaseModel) -> dict[str, Any]:
        sent = message.sent_at or message.done_at if message.direction == "out" else False
        return {
            "message_id": message.id,
            "company_id": message.company_id.id,
            "direction": message.direction,
            "moment": sent or message.created_at,
            "system": message.connector_id.system_id.name or message.connector_id.name,
            "document": message.document_type,
            "purpose": self._purpose(message),
            "flow": message.flow_id.name,
            "outcome": "purged" if message.purged_at else "found",
        }

    def _purpose(self, message: models.BaseModel) -> str:
        """As the version says that moved it; the flow may be for something else by now."""
        version = message.version_id or message.flow_id.version_id
        published = json.loads(version.snapshot_id.text)["flow"] if version else {}
        code = published.get("purpose") or ""
        labels = dict(message.flow_id._fields["purpose"]._description_selection(self.env))
        return labels.get(code, code)
