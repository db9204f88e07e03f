from odoo import fields, models


class InteropPackClonePart(models.Model):
    """Which record was made for which entry of a pack."""

    _name = "interop.pack.clone.part"
    _description = "Part of a Partner from a Pack"
    _order = "clone_id, id"
    _rec_name = "code"

    clone_id = fields.Many2one(
        "interop.pack.clone",
        required=True,
        ondelete="cascade",
        index=True,
        help="The partner that was set up.",
    )
    kind = fields.Selection(
        [
            ("endpoint", "Endpoint"),
            ("crosswalk", "Crosswalk"),
            ("mapping", "Mapping"),
            ("policy", "Policy"),
            ("flow", "Flow"),
        ],
        required=True,
        help="What was made.",
    )
    code = fields.Char(required=True, help="The entry's own name in the pack.")
    res_model = fields.Char(required=True, help="Where the record is kept.")
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, help="The record that was made."
    )
    _once = models.UniqueIndex("(clone_id, kind, code)", "Each entry is made once.")
