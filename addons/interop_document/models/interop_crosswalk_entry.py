from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.crosswalk import Entry, conflicts
from ..lib.crosswalk_columns import SheetRow


class InteropCrosswalkEntry(models.Model):
    """One code of ours and the one of the other side, read both ways."""

    _name = "interop.crosswalk.entry"
    _description = "Crosswalk Entry"
    _order = "ours, theirs, valid_from, id"
    _rec_name = "ours"

    crosswalk_id = fields.Many2one(
        "interop.crosswalk",
        required=True,
        ondelete="cascade",
        index=True,
        help="The crosswalk the entry belongs to.",
    )
    ours = fields.Char(
        string="Our code", required=True, help="The code as our documents have it, e.g. EA."
    )
    ours_label = fields.Char(string="Our label", help="What our code stands for, in plain words.")
    theirs = fields.Char(
        string="Their code", required=True, help="The code as the other side has it, e.g. PCE."
    )
    theirs_label = fields.Char(string="Their label", help="What their code stands for.")
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        help="The entry holds for this company only, and before those for all. Empty: all.",
    )
    valid_from = fields.Date(help="The first day on which the pair holds. Empty: always has.")
    valid_until = fields.Date(help="The last day on which the pair holds. Empty: no end.")
    preferred = fields.Boolean(
        help="The one to use where several codes of one side stand for one of the other."
    )
    note = fields.Char(help="Why the entry is as it is.")

    _period = models.Constraint(
        "CHECK (valid_from <= valid_until)", "The last day must not be before the first."
    )

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries.crosswalk_id._touch()
        return entries

    def write(self, vals):
        crosswalks = self.crosswalk_id
        result = super().write(vals)
        (crosswalks | self.crosswalk_id)._touch()
        return result

    def unlink(self):
        crosswalks = self.crosswalk_id
        result = super().unlink()
        crosswalks.exists()._touch()
        return result

    @api.constrains(
        "crosswalk_id", "ours", "theirs", "company_id", "valid_from", "valid_until", "preferred"
    )
    def _check_conflicts(self) -> None:
        for crosswalk in self.sudo().crosswalk_id:
            entries = (entry._entry() for entry in crosswalk.entry_ids)
            for one, other in conflicts(crosswalk._rules(), entries):
                raise ValidationError(
                    self.env._(
                        "%(one)s – %(other)s and %(third)s – %(fourth)s hold on the same days. End "
                        "one before the other begins, or take away one mark Preferred.",
                        one=one.ours,
                        other=one.theirs,
                        third=other.ours,
                        fourth=other.theirs,
                    )
                )

    def _entry(self) -> Entry:
        return Entry(
            ours=self.ours,
            theirs=self.theirs,
            company=self.company_id.id or 0,
            start=self.valid_from or None,
            end=self.valid_until or None,
            preferred=self.preferred,
        )

    def _sheet_row(self) -> SheetRow:
        return SheetRow(
            ours=self.ours,
            theirs=self.theirs,
            ours_label=self.ours_label or "",
            theirs_label=self.theirs_label or "",
            company=self.sudo().company_id.name or "",
            start=self.valid_from or None,
            end=self.valid_until or None,
            preferred=self.preferred,
            note=self.note or "",
        )

    def _facts(self) -> list[Any]:
        """The entry as plain JSON, for the digest of a change."""
        period = [day and day.isoformat() for day in (self.valid_from, self.valid_until)]
        return [self.ours, self.theirs, self.company_id.id, *period, self.preferred]
