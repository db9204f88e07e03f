from datetime import timedelta
from typing import Self

from odoo import fields, models

from ..lib.kinds import MISSING_NUMBER
from .interop_exception_raising import HANDLER_BASE


class InteropExceptionNumbers(models.AbstractModel):
    """Control numbers of a partner that have not come: perhaps a payload is lost."""

    _name = "interop.exception.numbers"
    _description = "Exceptions of Control Numbers"
    _inherit = ["interop.exception.raising"]

    def _raise_missing_numbers(self, gaps: models.Model) -> Self:
        """One open exception for each gap; the new ones are returned."""
        store = self._store()
        open_keys = set(self._open_by_key([self._gap_key(gap) for gap in gaps]).mapped("dedup_key"))
        now = fields.Datetime.now()
        values = []
        for gap in gaps.sudo():
            series, key = gap.series_id, self._gap_key(gap)
            if key in open_keys or not series.area_id:
                continue
            values.append(
                {
                    "name": self.env._(
                        "%(sender)s left out control numbers %(first)s to %(last)s. Ask the "
                        "partner whether it sent them.",
                        sender=series.sender or gap.connector_id.name,
                        first=gap.first,
                        last=gap.last,
                    ),
                    "kind": MISSING_NUMBER.code,
                    "failure_class": "partner",
                    "due_at": now + timedelta(hours=MISSING_NUMBER.due_hours),
                    "connector_id": gap.connector_id.id,
                    "company_id": series.company_id.id,
                    "area_id": series.area_id.id,
                    "partner_id": gap.connector_id.partner_id.id,
                    "document_ref": gap.display_name,
                    "currency_id": (series.company_id or self.env.company).currency_id.id,
                    "dedup_key": key,
                    "decision_handler": HANDLER_BASE,
                    "decision_codes": "close",
                    "state": "open",
                }
            )
        return store.create(values) if values else store.browse()

    def _settle_missing_numbers(self, gaps: models.Model) -> None:
        gone = self._open_by_key([self._gap_key(gap) for gap in gaps])
        if gone:
            gone._settle("settled", self.env._("The numbers came late, or nothing is missing."))

    def _gap_key(self, gap: models.Model) -> str:
        return f"gap:{gap.id}"
