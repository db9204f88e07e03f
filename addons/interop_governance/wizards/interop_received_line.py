from odoo import fields, models


class InteropReceivedLine(models.TransientModel):
    """One field that a partner received."""

    _name = "interop.received.line"
    _description = "Received by a Partner: Field"
    _order = "document_type, id"

    received_id = fields.Many2one(
        "interop.received", required=True, ondelete="cascade", help="The question."
    )
    document_type = fields.Char(string="Document", help="Type and version of the document.")
    path = fields.Char(help="The field's place in the document type. [] is each entry of a list.")
    title = fields.Char(string="Field", help="The field's name.")
    sensitivity = fields.Char(help="How sensitive the document type says that it is.")
    done = fields.Char(
        string="What was done", help="What the policy did about it before it was sent."
    )
    messages = fields.Integer(help="How many messages had it.")
    versions = fields.Integer(help="In how many published versions of flows.")
    first_at = fields.Datetime(string="First", help="When it was first sent.")
    last_at = fields.Datetime(string="Last", help="When it was last sent.")
