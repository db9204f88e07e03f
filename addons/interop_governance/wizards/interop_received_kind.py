from odoo import fields, models


class InteropReceivedKind(models.TransientModel):
    """One kind of document that a partner received."""

    _name = "interop.received.kind"
    _description = "Received by a Partner: Document"
    _order = "messages desc, id"

    received_id = fields.Many2one(
        "interop.received", required=True, ondelete="cascade", help="The question."
    )
    document_type = fields.Char(string="Document", help="Type and version of the document.")
    messages = fields.Integer(help="How many messages carried one.")
    field_count = fields.Integer(string="Fields", help="How many different fields they had.")
    persons = fields.Integer(
        string="Identifiers of persons",
        help="Different names, numbers and addresses of persons in them; one person may have more "
        "than one.",
    )
    versions = fields.Integer(help="How many published versions of flows made them.")
    first_at = fields.Datetime(string="First", help="When the first was sent.")
    last_at = fields.Datetime(string="Last", help="When the last was sent.")
