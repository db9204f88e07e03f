from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from odoo import api, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd

from ..lib.routing import chosen
from ..lib.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Route:
    """What becomes of a record at one flow."""

    flow: Subscription
    takes: bool
    why: str


class InteropRouting(models.AbstractModel):
    """Why a record goes through one flow and not through another, in words."""

    _inherit = "interop.routing"

    @api.model
    def _explain(self, flows: Sequence[Subscription], record: models.BaseModel) -> list[Route]:
        """What an event about `record` would do at each of `flows`. Reads only."""
        company = self.env["interop.queue"]._company_of(record.sudo())
        reasons = {flow.id: self._unfit(flow, record, company) for flow in flows}
        fitting = [flow for flow in flows if not reasons[flow.id]]
        own = [flow for flow in fitting if flow.company_id]
        taking = chosen(own or fitting)
        for flow in fitting:
            if flow in taking:
                continue
            if own and not flow.company_id:
                reasons[flow.id] = self.env._(
                    "The record's company has a flow of its own that takes it."
                )
            else:
                reasons[flow.id] = self.env._(
                    "Another flow of the routing group “%s” comes first.", flow.route_group
                )
        return [
            Route(flow, not reasons[flow.id], reasons[flow.id] or self._fits(flow))
            for flow in flows
        ]

    def _fits(self, flow: Subscription) -> str:
        if not flow.condition:
            return self.env._("It has no condition.")
        return self.env._("Its condition is met.")

    def _unfit(self, flow: Subscription, record: models.BaseModel, company: int) -> str:
        """Why `flow` does not take the record; empty: it fits."""
        if flow.company_id not in (False, company):
            return self.env._("The flow is for another company.")
        if not self.env[flow.handler]._concerns(record.sudo(), flow.id):
            return self.env._("The record is not meant for this flow's partner.")
        if not flow.condition:
            return ""
        if self._problem(record._name, flow.condition):
            return self.env._(
                "Its condition does not work any more. What happens becomes a dead letter."
            )
        domain = Domain(list(flow.condition))
        parts = domain.children if isinstance(domain, DomainAnd) else (domain,)
        missed = [
            self._told(self.env[record._name], part)
            for part in parts
            if not self._fitting(record, list(part), company)
        ]
        return self.env._("Not met: %s", "; ".join(missed)) if missed else ""

    # -- words ---------------------------------------------------------------------------------

    @api.model
    def _told(self, model: models.BaseModel, domain: Domain) -> str:
        """A domain as people read it."""
        stack: list[str] = []
        for item in reversed(list(domain)):
            match item:
                case "!":
                    stack.append(self.env._("not (%s)", stack.pop()))
                case "&":
                    stack.append(
                        self.env._("%(one)s and %(other)s", one=stack.pop(), other=stack.pop())
                    )
                case "|":
                    stack.append(
                        self.env._("(%(one)s or %(other)s)", one=stack.pop(), other=stack.pop())
                    )
                case _:
                    stack.append(self._told_condition(model, *item))
        return self.env._(" and ").join(reversed(stack))

    def _told_condition(self, model: models.BaseModel, path: Any, operator: str, value: Any) -> str:
        if not isinstance(path, str):
            return self.env._("always") if path == value else self.env._("never")
        labels, field = [], None
        for name in path.split("."):
            field = model._fields.get(name) if model is not None else None
            labels.append(field._description_string(self.env) if field else name)
            model = self.env[field.comodel_name] if field is not None and field.relational else None
        words = {
            "=": self.env._("is"),
            "!=": self.env._("is not"),
            "in": self.env._("is one of"),
            "not in": self.env._("is none of"),
            "child_of": self.env._("is or is below"),
            "parent_of": self.env._("is or is above"),
            "ilike": self.env._("contains"),
            "not ilike": self.env._("does not contain"),
            "any": self.env._("has one where"),
            "not any": self.env._("has none where"),
        }
        if operator in ("any", "not any") and model is not None:
            told = self._told(model, Domain(value))
        else:
            told = self._told_value(model, field, value)
        return f"{' › '.join(labels)} {words.get(operator, operator)} {told}"

    def _told_value(self, comodel: models.BaseModel | None, field: Any, value: Any) -> str:
        values = list(value) if isinstance(value, list | tuple | set) else [value]
        if comodel is not None and all(isinstance(each, int) and each for each in values):
            # Names of what the condition holds: whoever may see the flow may see these.
            return ", ".join(comodel.sudo().browse(values).exists().mapped("display_name"))
        if field is not None and field.type == "selection":
            labels = dict(field._description_selection(self.env))
            values = [labels.get(each, each) for each in values]
        if field is not None and field.type == "boolean":
            values = [self.env._("yes") if each else self.env._("no") for each in values]
        return ", ".join(self.env._("not set") if each is False else str(each) for each in values)
