import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.crosswalk_columns import MAX_BYTES, SheetRow
from ..lib.crosswalk_import import KINDS, UNCHANGED, Import, plan_import
from ..lib.crosswalk_sheet import read_sheet

# Of a long file those rows are shown that need a look; the numbers above are of all.
SHOWN = 500


class InteropCrosswalkImport(models.TransientModel):
    """Takes a sheet of entries, says what it would change, and changes it when told to: all of it
    or nothing."""

    _name = "interop.crosswalk.import"
    _description = "Import Entries of a Crosswalk"

    crosswalk_id = fields.Many2one(
        "interop.crosswalk",
        required=True,
        ondelete="cascade",
        help="The crosswalk whose entries the file holds.",
    )
    file = fields.Binary(
        attachment=False,
        help="A workbook (.xlsx) or CSV file with one entry per row and the headings of an export.",
    )
    file_name = fields.Char(help="What the file is called.")
    end_missing = fields.Boolean(
        string="End what is not in the file",
        help="Entries that hold today and are not in the file end yesterday; those that have not "
        "begun yet go. Otherwise what the file does not name stays as it is.",
    )
    stamp = fields.Char(help="The state of the crosswalk that the file was compared with.")
    line_ids = fields.One2many(
        "interop.crosswalk.import.line",
        "import_id",
        string="Rows",
        help="What becomes of each row; refused ones first.",
    )
    told = fields.Char(readonly=True, help="What the file would change, in one sentence.")
    state = fields.Selection(
        [("file", "Choose a file"), ("refused", "Refused"), ("ready", "Ready")],
        required=True,
        default="file",
        readonly=True,
        help="Refused: mend the rows that are named and choose the file again. Ready: it can be "
        "imported.",
    )

    @api.onchange("file", "end_missing")
    def _onchange_file(self) -> None:
        self.state = "file"

    def write(self, vals):
        # Another file has not been looked at.
        fresh = not vals.keys().isdisjoint({"crosswalk_id", "file", "end_missing"})
        return super().write({**vals, "state": "file"} if fresh else vals)

    def action_preview(self) -> dict:
        """Compare the file with the crosswalk. Nothing is changed."""
        self.ensure_one()
        self.crosswalk_id.check_access("write")
        planned = self._plan()
        changes = [change for change in planned.changes if change.kind != UNCHANGED]
        shown = (changes or list(planned.changes))[:SHOWN]
        self.sudo().line_ids = [
            fields.Command.clear(),
            *(
                fields.Command.create(
                    {
                        "kind": change.kind,
                        "number": change.number,
                        "ours": change.ours,
                        "theirs": change.theirs,
                        "sentence": change.sentence,
                    }
                )
                for change in shown
            ),
        ]
        self.write(
            {
                "stamp": self.crosswalk_id.stamp,
                "state": "refused" if planned.refused else "ready",
                "told": self._sentence(planned, len(shown)),
            }
        )
        return self._shown()

    def action_import(self) -> dict:
        """Write what the preview has shown."""
        self.ensure_one()
        crosswalk = self.crosswalk_id
        crosswalk.check_access("write")
        if self.state != "ready":
            raise UserError(self.env._("Look at what the file would change first."))
        if self.stamp != crosswalk.stamp:
            raise UserError(
                self.env._(
                    "Somebody has changed the crosswalk meanwhile. Look again at what the file "
                    "would change."
                )
            )
        planned = self._plan()
        if planned.refused:
            raise UserError(self.env._("The file has rows that cannot be used. Look at it again."))
        self._apply(planned)
        self.env["interop.audit"]._record(
            "crosswalk.import",
            record=crosswalk,
            details={"code": crosswalk.code, **planned.counts},
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Imported. %s", self._counted(planned)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _apply(self, planned: Import) -> None:
        """What changes is made anew together, so that two entries can trade places."""
        entries = self.env["interop.crosswalk.entry"]
        changes = [change for change in planned.changes if change.kind != UNCHANGED]
        entries.browse([change.entry for change in changes if change.entry]).unlink()
        companies = self._companies()
        entries.create(
            [self._values(change.row, companies) for change in changes if change.row is not None]
        )

    def _values(self, row: SheetRow, companies: dict[str, int]) -> dict:
        return {
            "crosswalk_id": self.crosswalk_id.id,
            "ours": row.ours,
            "theirs": row.theirs,
            "ours_label": row.ours_label or False,
            "theirs_label": row.theirs_label or False,
            "company_id": row.company and companies[row.company],
            "valid_from": row.start,
            "valid_until": row.end,
            "preferred": row.preferred,
            "note": row.note or False,
        }

    def _plan(self) -> Import:
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        try:
            if len(self.file) > MAX_BYTES * 4 // 3 + 8:
                rows, refused = read_sheet(bytes(MAX_BYTES + 1))
            else:
                rows, refused = read_sheet(base64.b64decode(self.file, validate=False))
        except InteropError as error:
            raise UserError(error.sentence) from None
        except binascii.Error:
            raise UserError(self.env._("The file did not arrive whole. Choose it again.")) from None
        known = {entry.id: entry._sheet_row() for entry in self.crosswalk_id._known_entries()}
        return plan_import(
            rows,
            refused,
            known,
            self.crosswalk_id._rules(),
            self._companies(),
            fields.Date.context_today(self),
            self.end_missing,
        )

    def _companies(self) -> dict[str, int]:
        """Those that one may choose, by name; of several with one name none."""
        found: dict[str, int] = {}
        twice = set()
        for company in self.env.companies:
            if company.name in found:
                twice.add(company.name)
            found[company.name] = company.id
        return {name: key for name, key in found.items() if name not in twice}

    def _sentence(self, planned: Import, shown: int) -> str:
        told = self._counted(planned)
        if planned.refused:
            told = self.env._(
                "%s Nothing can be imported until the refused rows are mended in the file.", told
            )
        if len(planned.changes) - planned.counts[UNCHANGED] > shown:
            told = self.env._("%(told)s The first %(shown)s are shown.", told=told, shown=shown)
        return told

    def _counted(self, planned: Import) -> str:
        labels = dict(self.env["interop.crosswalk.import.line"]._fields["kind"].selection)
        counts = planned.counts
        return (
            ", ".join(f"{labels[kind]}: {counts[kind]}" for kind in KINDS if counts[kind])
            or self.env._("The file has no rows")
        ) + "."

    def _shown(self) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import entries"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
