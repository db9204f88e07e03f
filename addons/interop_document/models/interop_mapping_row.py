import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.mapping.functions import CONVERTERS
from ..lib.mapping.rows import Row


class InteropMappingRow(models.Model):
    """One row: where a value comes from, what is done with it, where it goes."""

    _name = "interop.mapping.row"
    _description = "Mapping: Row"
    _order = "mapping_id, sequence, id"
    _rec_name = "target"

    mapping_id = fields.Many2one(
        "interop.mapping", required=True, ondelete="cascade", index=True, help="The mapping."
    )
    sequence = fields.Integer(default=10, help="The order of the rows.")
    target = fields.Char(
        required=True,
        help="Where the value goes: names with dots between them. A list ends in []: Lines[] opens "
        "it, Lines[].Sku fills its entries.",
    )
    each = fields.Char(
        string="For each",
        help="For a target that ends in []: the list of which each entry gives one, e.g. lines.",
    )
    source = fields.Char(
        help="Where the value comes from: a path such as supplier.name, or JMESPath. In a list it "
        "is looked for in the entry; with ^. before it around the entry, with / in the whole "
        "document.",
    )
    constant = fields.Char(help="A fixed text, instead of a source.")
    converter = fields.Selection(
        selection=lambda self: CONVERTERS.selection(),
        help="What is done with the value. Each is described in the documentation of mappings.",
    )
    arguments = fields.Char(
        help='What the converter needs to know, as JSON: {"pattern": "DD.MM.YYYY"}.'
    )
    crosswalk_id = fields.Many2one(
        "interop.crosswalk",
        ondelete="restrict",
        help="Translates the value as a code, after the converter.",
    )
    default = fields.Char(help="The text that is put if the source gives nothing.")
    required = fields.Boolean(help="The document is refused if there is nothing to put.")
    when = fields.Char(
        string="Only if",
        help="JMESPath; the row is left out if it gives nothing, false or something empty.",
    )
    note = fields.Char(help="Why it is so.")

    @api.constrains(
        "target", "each", "source", "constant", "converter", "arguments", "default", "when"
    )
    def _check_row(self) -> None:
        """A row by itself may be sound and still not fit the others."""
        self.mapping_id._check_rows()

    @api.model_create_multi
    def create(self, vals_list):
        self.env["interop.mapping"].browse(
            {vals["mapping_id"] for vals in vals_list if vals.get("mapping_id")}
        )._watch()
        return super().create(vals_list)

    def write(self, vals):
        self.mapping_id._watch()
        return super().write(vals)

    def unlink(self):
        self.mapping_id._watch()
        return super().unlink()

    def _arguments(self) -> dict[str, Any]:
        try:
            found = json.loads(self.arguments or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ValidationError(
                self.env._(
                    "Row %(target)s: write the arguments as JSON: %(example)s",
                    target=self.target,
                    example='{"pattern": "DD.MM.YYYY"}',
                )
            )
        return found

    def _row(self) -> Row:
        return Row(
            target=(self.target or "").strip(),
            source=(self.source or "").strip(),
            constant=self.constant or None,
            converter=self.converter or "",
            arguments=self._arguments(),
            crosswalk=self.crosswalk_id.sudo().code or "",
            default=self.default or None,
            required=self.required,
            when=(self.when or "").strip(),
            each=(self.each or "").strip(),
        )
