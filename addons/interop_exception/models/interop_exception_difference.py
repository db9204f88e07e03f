import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from odoo import fields, models

from ..lib.facts import Fact, show
from ..lib.kinds import DIFFERENCE


class InteropExceptionDifference(models.AbstractModel):
    """How a handler puts a difference before a person, and takes it back."""

    _name = "interop.exception.difference"
    _description = "Exceptions from Differences"

    why_asked = fields.Text(
        string="Why it is asked",
        readonly=True,
        help="Why no rule of the source of truth settled this difference. With a rule for the "
        "field, the partner and the company, answers like this one need no decision.",
    )

    def _raise_difference(
        self,
        message: models.Model,
        record: models.Model,
        *,
        sentence: str,
        facts: Iterable[Fact],
        amount: float | None = None,
        currency: models.Model | None = None,
        area_code: str,
        subject: str,
        handler: str,
        decisions: tuple[str, ...],
        due_hours: int | None = None,
        data: dict[str, Any] | None = None,
        why: str = "",
    ) -> Self:
        """Put a difference between `record` and the partner's `message` before a person.

        :param sentence: what differs, without values
        :param subject: what it is about within the record (``line:3:price``); the same subject
            again brings the open exception up to date instead of making a second one
        :param handler: model whose `_decide(exception, code)` carries a decision out
        :param decisions: codes from the decision registry
        :param data: what the handler will need, as plain JSON; not kept if a fact has to be hidden
        :param why: why a person is asked, without values
        """
        shown = show(facts, self._sensitivities(message))
        hidden = any(fact.hidden for fact in shown)
        values = {
            **self._message_values(message),
            **self._summary_values(self._summary(record), amount, currency),
            "name": sentence,
            "kind": DIFFERENCE.code,
            "company_id": self._company_of(record) or message.sudo().company_id.id,
            "area_id": self._area(area_code, message).id,
            "res_model": record._name,
            "res_id": record.id,
            "dedup_key": self._difference_key(record, subject),
            "why_asked": why or False,
            "decision_handler": handler,
            "decision_codes": ",".join(decisions),
            "decision_data": False if hidden or data is None else json.dumps(data, sort_keys=True),
            "fact_ids": [
                fields.Command.clear(),
                *(
                    fields.Command.create({"sequence": place, **self._fact_values(fact)})
                    for place, fact in enumerate(shown)
                ),
            ],
        }
        existing = self._open_by_key([values["dedup_key"]])
        if existing:
            existing.write(values)
            existing._note(self.env._("A later answer of the partner brought this up to date."))
            return existing
        hours = DIFFERENCE.due_hours if due_hours is None else due_hours
        values["due_at"] = fields.Datetime.now() + timedelta(hours=hours)
        return self._store().create(values)

    def _settle_subjects(
        self, record: models.Model, subjects: Iterable[str], note: str = ""
    ) -> Self:
        """Close what is open about these subjects of `record`: a later answer agrees with us, or
        what else `note` says."""
        keys = [self._difference_key(record, subject) for subject in subjects]
        gone = self._open_by_key(keys)
        gone._settle(
            "superseded", note or self.env._("A later answer of the partner agrees with us.")
        )
        return gone

    def _difference_key(self, record: models.Model, subject: str) -> str:
        return f"difference:{record._name}:{record.id}:{subject}"

    def _fact_values(self, fact: Any) -> dict[str, Any]:
        unseen = self.env._("not shown")
        return {
            "label": fact.label,
            "path": fact.path,
            "ours": unseen if fact.hidden else fact.ours,
            "theirs": unseen if fact.hidden else fact.theirs,
            "difference": unseen if fact.hidden else fact.difference,
            "hidden": fact.hidden,
        }

    def _company_of(self, record: models.Model) -> int | None:
        return record.sudo().company_id.id if "company_id" in record._fields else None

    def _area(self, code: str, message: models.Model) -> models.Model:
        """The area with that code; the message's own if there is none such any more."""
        area = self.env["interop.area"].sudo().search([("code", "=", code)], limit=1)
        return area or message.sudo().area_id

    def _sensitivities(self, message: models.Model) -> Any:
        code, _, version = (message.sudo().document_type or "").rpartition(" ")
        return self.env["interop.document.type"].sudo()._get(code, version)._sensitivities()
