from odoo import fields, models


class InteropPackAddingAnswer(models.TransientModel):
    """One question of a pack, and the answer for this partner."""

    _name = "interop.pack.adding.answer"
    _description = "Answer to a Question of a Pack"
    _order = "adding_id, sequence, id"
    _rec_name = "title"

    adding_id = fields.Many2one(
        "interop.pack.adding", required=True, ondelete="cascade", help="The wizard."
    )
    sequence = fields.Integer(help="The order of the questions.")
    code = fields.Char(required=True, help="The question's own name in the pack.")
    title = fields.Char(string="Question", help="What is asked.")
    explained = fields.Char(string="What it is for", help="Where the answer comes from.")
    required = fields.Boolean(help="Nothing can be made without an answer.")
    value = fields.Char(string="Answer", help="What holds for this partner.")
