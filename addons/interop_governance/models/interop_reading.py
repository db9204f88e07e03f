from odoo import fields, models

from odoo.addons.interop_queue.wizards.interop_content_gate import REASONS
from odoo.addons.interop_queue.wizards.interop_content_reading import KINDS

from .. import sql


class InteropReading(models.Model):
    """Who looked at the content of which message, and the reason that they gave."""

    _name = "interop.reading"
    _description = "Reading of Content"
    _inherit = ["interop.audit.immutable", "interop.list.export"]
    _auto = False
    _log_access = False
    _order = "id desc"
    _rec_name = "reader"
    _table_query = sql.READINGS

    ts = fields.Datetime(string="When", readonly=True, help="When it was opened.")
    act = fields.Selection(
        [
            ("message.content.read", "Read"),
            ("policy.previewed", "Previewed"),
            ("policy.preview.exported", "Exported a preview"),
        ],
        readonly=True,
        help="Whether content was read, shown as a policy would show it, or taken out as a file.",
    )
    reader = fields.Char(
        readonly=True, help="Who read it, by the name that the user had at that time."
    )
    user_number = fields.Integer(
        readonly=True,
        aggregator="count_distinct",
        help="Number of the user. It stays when the user is renamed or deleted.",
    )
    remote_addr = fields.Char(
        string="Address", readonly=True, help="Network address that the request came from."
    )
    reason = fields.Selection(REASONS, readonly=True, help="The reason that the reader chose.")
    words = fields.Char(
        string="In their words", readonly=True, help="What the reader wrote: a case, a ticket."
    )
    kind = fields.Selection(
        [*KINDS, ("preview", "Preview of a policy")],
        string="What was read",
        readonly=True,
        help="The document, the payload on the wire, a reply, a receipt, or a preview.",
    )
    view = fields.Selection(
        [
            ("policy", "As the policy shows it"),
            ("clear", "In the clear"),
            ("none", "Without values"),
        ],
        string="Shown",
        readonly=True,
        help="As the partner may see it, or everything in the clear.",
    )
    identified = fields.Boolean(
        string="Password asked for",
        readonly=True,
        help="The reader gave the password again before it was shown.",
    )
    message_id = fields.Many2one(
        "interop.message", readonly=True, help="The message whose content was read."
    )
    document_type = fields.Char(
        string="Document", readonly=True, help="What kind of document it was."
    )
    connector_id = fields.Many2one(
        "interop.connector", readonly=True, help="The way it came or went."
    )
    company_id = fields.Many2one("res.company", readonly=True, help="The company concerned.")
    area_id = fields.Many2one(
        "interop.area", string="Business area", readonly=True, help="The business area concerned."
    )
