from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Self

from odoo import fields, models

from odoo.addons.interop_queue.lib.outcome import Outcome

from ..lib.kinds import OVERDUE, Kind, kind_of_failure
from ..lib.states import OPEN_STATES
from ..lib.summary import Summary

HANDLER_BASE = "interop.exception.handler"
SWEEP_LIMIT = 500


class InteropExceptionRaising(models.AbstractModel):
    """How exceptions come into being and settle themselves: called by the engine and by handlers.

    Everything here runs as superuser on this module's own tables: whoever raises an exception (a
    flow's service user, a lane) needs no right to see it.
    """

    _name = "interop.exception.raising"
    _description = "Raising of Exceptions"

    # -- dead messages --------------------------------------------------------

    def _raise_dead(self, outcomes: Sequence[Outcome]) -> Self:
        """One open exception for each dead message among `outcomes`; the new ones are returned."""
        dead = [outcome for outcome in outcomes if outcome.state == "dead"]
        return self._raise_for_messages(
            self.env["interop.message"].sudo().browse(outcome.message_id for outcome in dead)
        )

    def _raise_for_messages(self, messages: models.Model) -> Self:
        kinds = {message.id: kind_of_failure(message.failure_class) for message in messages}
        return self._raise_many(
            messages,
            keys={message.id: f"dead:{message.uuid}" for message in messages},
            kinds=kinds,
            sentences={
                message.id: message.failure or self.env._("No further automatic try will help.")
                for message in messages
            },
            decisions=("redrive", "cancel"),
        )

    def _raise_overdue(self, messages: models.Model) -> Self:
        """One open exception for each sent message whose answer is late."""
        return self._raise_many(
            messages,
            keys={message.id: f"overdue:{message.uuid}" for message in messages},
            kinds={message.id: OVERDUE for message in messages},
            sentences={
                message.id: self.env._("The partner has not answered in time.")
                for message in messages
            },
            decisions=("close", "cancel"),
        )

    def _raise_many(
        self,
        messages: models.Model,
        keys: dict[int, str],
        kinds: dict[int, Kind],
        sentences: dict[int, str],
        decisions: tuple[str, ...],
    ) -> Self:
        """Set-based: a thousand messages that die at once cost a handful of statements."""
        store = self._store()
        known = set(
            store.search(
                [("dedup_key", "in", list(keys.values())), ("state", "in", OPEN_STATES)]
            ).mapped("dedup_key")
        )
        messages = messages.filtered(lambda message: keys[message.id] not in known)
        summaries = self._summaries(messages)
        now = fields.Datetime.now()
        values = []
        for message in messages:
            kind, summary = kinds[message.id], summaries[message.id]
            values.append(
                {
                    **self._message_values(message),
                    **self._summary_values(summary, company=message.company_id),
                    "name": f"{summary.reference}: {sentences[message.id]}",
                    "kind": kind.code,
                    "failure_class": message.failure_class,
                    "due_at": now + timedelta(hours=kind.due_hours),
                    "owner_id": self._possible_owner(message),
                    "dedup_key": keys[message.id],
                    "decision_handler": HANDLER_BASE,
                    "decision_codes": ",".join(decisions),
                    "state": "in_progress" if self._possible_owner(message) else "open",
                }
            )
        return store.create(values) if values else store.browse()

    # -- what settles itself --------------------------------------------------

    def _settle_messages(self, uuids: Iterable[str], note: str) -> Self:
        """Close what is open because these messages were dead or unanswered."""
        keys = [f"{why}:{uuid}" for uuid in uuids for why in ("dead", "overdue")]
        # Nearly always there is none, and this runs beside every settle of the engine.
        self.env["interop.exception"].flush_model(["dedup_key", "state"])
        self.env.cr.execute(OPEN_BY_KEY, [keys])
        gone = self._store().browse(row[0] for row in self.env.cr.fetchall())
        if gone:
            gone._settle("settled", note)
        return gone

    def _settle(self, resolution: str, note: str, state: str = "resolved") -> None:
        self.write(
            {
                "state": state,
                "resolution": resolution,
                "resolution_note": note,
                "resolved_at": fields.Datetime.now(),
                "resolved_by_id": False,
            }
        )

    def _sweep(self, limit: int = SWEEP_LIMIT) -> None:
        """Catch up what a failed hook missed, and raise what only time brings (late answers).

        Three anti-joins over partial indexes; what comes back is bounded by `limit`.
        """
        store = self._store()
        store.flush_model()
        Message = self.env["interop.message"].sudo()
        Message.flush_model()
        self.env.cr.execute(DEAD_WITHOUT_EXCEPTION, [limit])
        self._raise_for_messages(Message.browse(row[0] for row in self.env.cr.fetchall()))
        self.env.cr.execute(LATE_WITHOUT_EXCEPTION, [limit])
        self._raise_overdue(Message.browse(row[0] for row in self.env.cr.fetchall()))
        self.env.cr.execute(EXCEPTION_WITHOUT_CAUSE, [limit])
        store.browse(row[0] for row in self.env.cr.fetchall())._settle(
            "settled", self.env._("The message went on without a decision here.")
        )

    # -- helpers --------------------------------------------------------------

    def _store(self) -> Self:
        """This model as its own engine uses it: no rights asked, no mails about new records."""
        return self.sudo().with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        )

    def _open_by_key(self, keys: list[str]) -> Self:
        return self._store().search([("dedup_key", "in", keys), ("state", "in", OPEN_STATES)])

    def _note(self, text: str) -> None:
        for exception in self.sudo():
            exception.message_post(body=text, subtype_xmlid="mail.mt_note")

    def _message_values(self, message: models.Model) -> dict[str, Any]:
        message = message.sudo()
        return {
            "message_id": message.id,
            "message_uuid": message.uuid,
            "flow_id": message.flow_id.id,
            "connector_id": message.connector_id.id,
            "company_id": message.company_id.id,
            "area_id": message.area_id.id,
            "res_model": message.res_model,
            "res_id": message.res_id,
        }

    def _summary_values(
        self,
        summary: Summary,
        amount: float | None = None,
        currency: models.Model | None = None,
        company: models.Model | None = None,
    ) -> dict[str, Any]:
        # Without money there still is a currency, or a list's total could not be summed up.
        usual = (company or self.env.company).currency_id.id
        return {
            "document_ref": summary.reference,
            "partner_id": summary.partner_id,
            "amount": summary.amount if amount is None else amount,
            "currency_id": currency.id if currency else summary.currency_id or usual,
        }

    def _summary(self, record: models.Model) -> Summary:
        record = record.sudo()
        if hasattr(record, "_interop_summary"):
            summary: Summary = record._interop_summary()[record.id]
            return summary
        return Summary(reference=record.display_name)

    def _summaries(self, messages: models.Model) -> dict[int, Summary]:
        """What to call each message's document, by message id; a message may have none yet."""
        by_model: dict[str, list[int]] = defaultdict(list)
        for message in messages:
            if message.res_model in self.env and message.res_id:
                by_model[message.res_model].append(message.res_id)
        told: dict[tuple[str, int], Summary] = {}
        for model, ids in by_model.items():
            records = self.env[model].sudo().browse(ids).exists()
            if hasattr(records, "_interop_summary"):
                for record_id, summary in records._interop_summary().items():
                    told[model, record_id] = summary
            else:
                for record in records:
                    told[model, record.id] = Summary(reference=record.display_name)
        return {
            message.id: told.get((message.res_model, message.res_id))
            or Summary(
                reference=message.business_key or message.document_type or message.uuid,
                partner_id=message.partner_id.id,
            )
            for message in messages
        }

    def _possible_owner(self, message: models.Model) -> int | bool:
        """The flow's owner, if that person may see exceptions of the flow's area and company."""
        owner = message.sudo().flow_id.owner_id
        company = message.sudo().company_id
        if not owner.active or (company and company not in owner.company_ids):
            return False
        if owner.has_group("interop_base.group_manager"):
            return owner.id
        may = message.area_id in owner.interop_area_ids and owner.has_group(
            "interop_base.group_user"
        )
        return owner.id if may else False


# Hand-written because "no open row with this key" over two tables has no ORM form; each statement
# walks the partial index of what is open or dead, never the history.

OPEN_BY_KEY = """
    SELECT e.id FROM interop_exception e
     WHERE e.dedup_key = ANY (%s) AND e.state IN ('open', 'in_progress')
"""

DEAD_WITHOUT_EXCEPTION = """
SELECT m.id FROM interop_message m
 WHERE m.state = 'dead'
   AND NOT EXISTS (SELECT FROM interop_exception e
                    WHERE e.dedup_key = 'dead:' || m.uuid AND e.state IN ('open', 'in_progress'))
 ORDER BY m.id LIMIT %s
"""

LATE_WITHOUT_EXCEPTION = """
SELECT m.id FROM interop_message m
 WHERE m.state = 'sent' AND m.answer_due_at < timezone('utc', clock_timestamp())
   AND NOT EXISTS (SELECT FROM interop_exception e WHERE e.dedup_key = 'overdue:' || m.uuid)
 ORDER BY m.id LIMIT %s
"""

EXCEPTION_WITHOUT_CAUSE = """
SELECT e.id FROM interop_exception e JOIN interop_message m ON m.id = e.message_id
 WHERE e.state IN ('open', 'in_progress')
   AND (e.dedup_key = 'dead:' || m.uuid AND m.state <> 'dead'
     OR e.dedup_key = 'overdue:' || m.uuid AND m.state <> 'sent')
 LIMIT %s
"""
