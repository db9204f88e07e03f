from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.handlers import HANDLERS
from ..lib.routing import ConditionError, parse_condition


class InteropFlowRouting(models.AbstractModel):
    """Which of an event's records a flow takes, and what its messages wait for."""

    _name = "interop.flow.routing"
    _description = "Flow: Routing"

    record_model = fields.Char(
        compute="_compute_record_model",
        help="The kind of records that the flow's documents are made of.",
    )
    condition = fields.Char(
        tracking=True,
        help="Only records that fit leave through this flow: of a company, a warehouse, a "
        "supplier, a product category, above an amount … Empty: all. It is judged with the "
        "engine's rights when the event happens, and takes effect by publishing.",
    )
    route_group = fields.Char(
        string="Routing group",
        tracking=True,
        help="Of all flows of an event with the same routing group only the first that fits takes "
        "a record. Give the one for all others no condition and the highest sequence. Empty: this "
        "flow takes each record that fits, whatever other flows do.",
    )
    route_sequence = fields.Integer(
        string="Place in the group",
        required=True,
        default=10,
        tracking=True,
        help="Flows with lower numbers are asked first.",
    )
    wait_ids = fields.One2many(
        "interop.flow.wait",
        "flow_id",
        string="Waits for",
        copy=True,
        help="A message of this flow leaves only after open messages of these flows, about the "
        "same record or one that it points to. A dead letter is waited for until a person "
        "decides. Takes effect by publishing.",
    )

    @api.depends("handler", "direction")
    def _compute_record_model(self) -> None:
        for flow in self:
            flow.record_model = flow._composed_model() if flow.direction == "out" else False

    def _composed_model(self) -> str | bool:
        """The model of the records that the flow's handler composes; False: of none."""
        if self.handler not in HANDLERS.codes():
            return False
        name = self.env[HANDLERS.get(self.handler).model]._composes
        return name if name in self.env else False

    @api.constrains("condition", "handler", "direction")
    def _check_condition(self) -> None:
        for flow in self:
            if problem := flow._condition_problem():
                raise ValidationError(problem)

    def _condition_items(self) -> list[Any]:
        return parse_condition(self.condition)

    def _condition_problem(self) -> str | None:
        """Why the condition cannot be published, in words."""
        try:
            items = self._condition_items()
        except ConditionError:
            return self.env._(
                "The condition holds more than fields, operators and plain values. Write values "
                "as they are: nothing is computed."
            )
        if not items:
            return None
        model = self._composed_model()
        if self.direction != "out" or not model:
            return self.env._(
                "Only flows whose documents are made of Odoo's records can have a condition."
            )
        return self.env["interop.routing"]._problem(model, items)

    def _routing_missing(self) -> list[str]:
        """What stands in the way of publishing."""
        self.ensure_one()
        problems = [self._condition_problem(), *(wait._problem() for wait in self.wait_ids)]
        problems.append(self.env["interop.flow.wait"]._circle_of(self))
        return [problem for problem in problems if problem]

    def _published_settings(self) -> dict[str, Any]:
        return super()._published_settings() | {
            "condition": self._condition_items(),
            "route_group": (self.route_group or "").strip(),
            "route_sequence": self.route_sequence,
            "waits": [
                {"flow": wait.needs_flow_id.id, "path": wait.path or ""} for wait in self.wait_ids
            ],
        }

    def action_try_routing(self) -> dict:
        """Open the dialog that shows which flows take a record, and why others do not."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try the routing"),
            "res_model": "interop.routing.trial",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_event": self.event,
                "default_flow_id": self.id,
                "dialog_size": "extra-large",
            },
        }
