from datetime import timedelta

from odoo import fields, models

from ..lib.kinds import EVIDENCE
from .interop_exception_raising import HANDLER_BASE


class InteropExceptionEvidence(models.AbstractModel):
    """Alarms of the audit trail: something is wrong with the evidence itself."""

    _name = "interop.exception.evidence"
    _description = "Exceptions of the Audit Trail"
    _inherit = ["interop.exception.raising"]

    def _raise_alarm(self, alarm: models.Model) -> None:
        """One exception for each alarm, also if a person has closed it while the alarm lasts."""
        store, key = self._store(), self._alarm_key(alarm)
        known = store.search([("dedup_key", "=", key)], limit=1)
        if known:
            if known._open() and known.name != alarm.sentence:
                known.name = alarm.sentence
            return
        area = self._evidence_area()
        if not area:
            return
        store.create(
            {
                "name": alarm.sentence,
                "kind": EVIDENCE.code,
                "due_at": fields.Datetime.now() + timedelta(hours=EVIDENCE.due_hours),
                "area_id": area.id,
                "document_ref": alarm.name,
                "res_model": alarm._name,
                "res_id": alarm.id,
                "currency_id": self.env.company.currency_id.id,
                "dedup_key": key,
                "decision_handler": HANDLER_BASE,
                "decision_codes": "close",
                "state": "open",
            }
        )

    def _settle_alarm(self, alarm: models.Model) -> None:
        gone = self._open_by_key([self._alarm_key(alarm)])
        if gone:
            gone._settle("settled", self.env._("What the alarm told is over."))

    def _alarm_key(self, alarm: models.Model) -> str:
        return f"alarm:{alarm.id}"

    def _evidence_area(self) -> models.Model:
        """Who deals with it; if the area was deleted, the first one: managers see all of them."""
        area = self.env.ref("interop_exception.area_evidence", raise_if_not_found=False)
        return area or self.env["interop.area"].sudo().search([], limit=1)
