from odoo import fields, models

from ..lib.merge import CONFLICT, LOCAL, PACK


class InteropPackUpdatingLine(models.TransientModel):
    """One piece that a newer pack has otherwise, or that was changed here."""

    _name = "interop.pack.updating.line"
    _description = "Change of a Pack"
    _order = "updating_id, sequence, id"
    _rec_name = "title"

    updating_id = fields.Many2one(
        "interop.pack.updating", required=True, ondelete="cascade", help="The comparison."
    )
    sequence = fields.Integer(help="Conflicts first, then what the pack changes, then the rest.")
    key_text = fields.Char(required=True, help="The piece's name, as JSON.")
    title = fields.Char(string="What", help="The mapping's row, the policy's rule, the setting.")
    kind = fields.Selection(
        [
            (CONFLICT, "Changed by both"),
            (PACK, "Changed by the pack"),
            (LOCAL, "Changed here"),
        ],
        required=True,
        help="What was changed here stays unless you take the pack's. What the pack left as it was "
        "cannot be taken: it is shown so that you know of it.",
    )
    base = fields.Text(string="It was", help="In the version that the partner was made from.")
    mine = fields.Text(string="Here it is", help="As it stands now.")
    theirs = fields.Text(string="The pack now says", help="In the newer version.")
    take = fields.Boolean(
        string="Take the pack's", help="Put what the newer pack says into the draft."
    )
