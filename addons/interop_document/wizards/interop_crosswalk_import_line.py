from odoo import fields, models

from ..lib.crosswalk_import import KINDS


class InteropCrosswalkImportLine(models.TransientModel):
    """What becomes of one row of the sheet, as it is shown before anything is written."""

    _name = "interop.crosswalk.import.line"
    _description = "Row of an Import of Entries"
    _order = "id"

    import_id = fields.Many2one(
        "interop.crosswalk.import",
        required=True,
        ondelete="cascade",
        index=True,
        help="The import that it belongs to.",
    )
    kind = fields.Selection(
        list(KINDS.items()), string="What happens", required=True, help="What becomes of the row."
    )
    number = fields.Integer(
        string="Row", aggregator=None, help="The row of the file. 0: the file does not have it."
    )
    ours = fields.Char(string="Our code", help="Our code in this row.")
    theirs = fields.Char(string="Their code", help="The partner's code in this row.")
    sentence = fields.Char(string="Why", help="What is different, or what is wrong.")
