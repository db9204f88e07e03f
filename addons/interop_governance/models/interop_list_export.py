from odoo import models


class InteropListExport(models.AbstractModel):
    """Lists of evidence whose export is an act: who took what out of the house, and how much."""

    _name = "interop.list.export"
    _description = "Noted Export of a List"

    def export_data(self, fields_to_export):
        """As everywhere in Odoo; the number of rows and the columns are noted in the trail."""
        exported = super().export_data(fields_to_export)
        self.env["interop.audit"]._record(
            "list.export",
            details={
                "list": self._description,
                "rows": len(self),
                "fields": [str(name) for name in fields_to_export],
            },
        )
        return exported
