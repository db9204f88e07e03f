import logging
from collections.abc import Collection, Sequence
from typing import Any

import psycopg2

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..engine.dependencies import note
from ..engine.settle import tell
from ..engine.transaction import columns, run
from ..lib.subscription import Need, Subscription

_logger = logging.getLogger(__name__)

UNJUDGED = (
    "Whether this record belongs to this flow could not be judged: its published condition does "
    "not work any more. Mend the condition and publish the flow. Run the message again if the "
    "record belongs here, else cancel it."
)


class InteropRouting(models.AbstractModel):
    """What conditions of flows mean: they are judged here, when an event happens or is tried."""

    _name = "interop.routing"
    _description = "Routing"

    @api.model
    def _admitted(
        self, flows: Sequence[Subscription], records: models.BaseModel
    ) -> tuple[dict[int, set[int]], set[int]]:
        """Per flow with a condition the records that fit, by one search each; and the flows whose
        condition could not be judged.

        With the engine's rights, so that it depends on the record alone and never on who acts.
        """
        fitting: dict[int, set[int]] = {}
        broken: set[int] = set()
        for flow in flows:
            if not flow.condition:
                continue
            try:
                with self.env.cr.savepoint():
                    fitting[flow.id] = {
                        record_id
                        for company_id, part in self._by_company(records).items()
                        for record_id in self._fitting(part, flow.condition, company_id)
                    }
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as failure:
                # Fail closed, and not silently: what was to be judged becomes a dead letter.
                _logger.error(
                    "interop: the condition of flow %s cannot be judged (%s)",
                    flow.id,
                    type(failure).__name__,
                    exc_info=not isinstance(failure, psycopg2.Error),
                )
                broken.add(flow.id)
        return fitting, broken

    @api.model
    def _fitting(
        self, records: models.BaseModel, condition: Collection[Any], company_id: int
    ) -> set[int]:
        """Which of `records`, all of one company, fit the condition."""
        model = self._judging(records._name).with_context(allowed_company_ids=[company_id])
        domain = Domain("id", "in", records.ids) & Domain(list(condition))
        return set(model.search(domain, order="id").ids)

    def _by_company(self, records: models.BaseModel) -> dict[int, models.BaseModel]:
        """What a company sees differently (prices, accounts) is judged as its own sees it."""
        queue = self.env["interop.queue"]
        return records.sudo().grouped(queue._company_of)

    @api.model
    def _judging(self, model: str) -> models.BaseModel:
        # Archived records are records too; names are compared as they are stored.
        return self.env[model].with_user(SUPERUSER_ID).with_context(active_test=False, lang=None)

    @api.model
    def _set_aside(self, message_ids: list[int]) -> None:
        """Make dead letters of messages that nobody could judge; people are told as of any."""
        if not message_ids:
            return
        rows = [{"id": message_id, "sentence": UNJUDGED} for message_id in message_ids]
        run(self.env.cr, "set_aside", **columns(rows, "id", "sentence"))
        messages = self.env["interop.message"].sudo().browse(message_ids)
        messages.invalidate_recordset()
        messages._note_act("event.not_routed", None)
        tell(messages.env, messages._outcomes())

    @api.model
    def _note_needs(self, messages: Sequence[tuple[int, Subscription, models.BaseModel]]) -> None:
        """Note what messages just inserted wait for."""
        needs = []
        for message_id, flow, record in messages:
            for wait in flow.waits:
                target = record.mapped(wait.path) if wait.path else record
                needs += [
                    Need(message_id, wait.flow_id, target._name, res_id) for res_id in target.ids
                ]
        note(self.env.cr, needs)

    # -- checks --------------------------------------------------------------------------------

    @api.model
    def _problem(self, model: str, items: Collection[Any]) -> str | None:
        """Why a domain cannot be a condition on `model`, in words."""
        try:
            domain = Domain(list(items))
        except (TypeError, ValueError, NotImplementedError):
            return self.env._("The condition is not a domain.")
        if problem := self._field_problem(self.env[model], domain):
            return problem
        try:
            with self.env.cr.savepoint():
                self._judging(model).search(domain & Domain("id", "=", 0), limit=1)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            return self.env._("The condition cannot be searched by. Check its values.")
        return None

    def _field_problem(self, model: models.BaseModel, domain: Domain) -> str | None:
        for condition in domain.iter_conditions():
            problem, last = self._path_problem(model, condition.field_expr)
            if problem:
                return problem
            if condition.operator in ("any", "not any"):
                inner = Domain(condition.value)
                if problem := self._field_problem(self.env[last.comodel_name], inner):
                    return problem
        return None

    def _path_problem(self, model: models.BaseModel, path: str) -> tuple[str | None, Any]:
        field = None
        for name in path.split("."):
            if field is not None and field.type in ("date", "datetime"):
                break  # a part of a date: the search knows which there are
            if model is None or name not in model._fields:
                return self.env._("The condition names “%s”, which does not exist.", path), None
            field = model._fields[name]
            if not (field.store or field.search):
                return (
                    self.env._("The condition names “%s”, which cannot be searched by.", path),
                    None,
                )
            model = self.env[field.comodel_name] if field.relational else None
        return None, field

    @api.model
    def _reached(self, model: str, path: str) -> str | None:
        """The model that a path of relations leads to; None: it leads nowhere."""
        for name in path.split(".") if path else ():
            field = self.env[model]._fields.get(name)
            if field is None or not field.relational:
                return None
            model = field.comodel_name
        return model
