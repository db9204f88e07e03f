import base64

from odoo import fields, models

from ..lib.crosswalk_columns import SheetRow
from ..lib.crosswalk_sheet import CSV, WRITERS, XLSX


class InteropCrosswalk(models.Model):
    """Entries as a sheet that people edit with what they know."""

    _inherit = "interop.crosswalk"

    sheet_xlsx = fields.Binary(
        string="Workbook", compute="_compute_sheets", help="The current entries as .xlsx."
    )
    sheet_csv = fields.Binary(
        string="CSV file", compute="_compute_sheets", help="The current entries as CSV in UTF-8."
    )

    def _compute_sheets(self) -> None:
        for crosswalk in self:
            rows = [*crosswalk._sheet_rows().values()] if crosswalk.id else []
            for form, write in WRITERS.items():
                crosswalk[f"sheet_{form}"] = base64.b64encode(write(rows))

    def action_export_xlsx(self) -> dict:
        """Download the current entries as a workbook."""
        return self._export(XLSX)

    def action_export_csv(self) -> dict:
        """Download the current entries as CSV."""
        return self._export(CSV)

    def action_ask_import(self) -> dict:
        """Open the dialog that takes a sheet and shows what it would change."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import entries"),
            "res_model": "interop.crosswalk.import",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_crosswalk_id": self.id},
        }

    def _export(self, form: str) -> dict:
        self.ensure_one()
        self.env["interop.audit"]._record(
            "crosswalk.export",
            record=self,
            details={"code": self.code, "entries": len(self._sheet_rows()), "form": form},
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/sheet_{form}/{self._file_name(form)}"
            "?download=true",
            "target": "download",
        }

    def _file_name(self, form: str) -> str:
        plain = "".join(letter if letter.isalnum() else "-" for letter in self.code)
        return f"crosswalk-{plain}.{form}"

    def _sheet_rows(self) -> dict[int, SheetRow]:
        """The entries that this user may see and that have not ended, by id."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        return {entry.id: entry._sheet_row() for entry in self._known_entries(today)}

    def _known_entries(self, today=None):
        domain = [("crosswalk_id", "=", self.id)]
        if today:
            domain += ["|", ("valid_until", "=", False), ("valid_until", ">=", today)]
        return self.env["interop.crosswalk.entry"].search(domain)
