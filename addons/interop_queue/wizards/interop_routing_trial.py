from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib.handlers import EVENTS, HANDLERS
from ..lib.subscription import Subscription


class InteropRoutingTrial(models.TransientModel):
    """A record, and which flows would take it: nothing is queued or sent."""

    _name = "interop.routing.trial"
    _description = "Try the Routing"
    _transient_max_hours = 1.0

    event = fields.Selection(
        selection="_selection_event", required=True, help="What would happen to the record."
    )
    record = fields.Reference(
        selection="_selection_record", help="The record that it would happen to."
    )
    flow_id = fields.Many2one("interop.flow", help="The flow that was being edited.")
    as_edited = fields.Boolean(
        string="As edited",
        default=True,
        help="Take the flow that you came from as it is edited now. Off: as it is published. All "
        "others are taken as published.",
    )
    tried = fields.Char(readonly=True, help="The record that the list is about.")
    line_ids = fields.One2many(
        "interop.routing.trial.line", "trial_id", readonly=True, help="What becomes of it."
    )

    @api.model
    def _selection_event(self) -> list[tuple[str, str]]:
        return sorted(EVENTS.items())

    @api.model
    def _selection_record(self) -> list[tuple[str, str]]:
        """Kinds of records that a handler composes documents of."""
        specs = (HANDLERS.get(code) for code in HANDLERS.codes())
        names = {self.env[spec.model]._composes for spec in specs if spec.model in self.env}
        return sorted(
            (name, self.env["ir.model"]._get(name).name) for name in names if name in self.env
        )

    def action_try(self) -> dict:
        """Ask each flow of the event."""
        self.ensure_one()
        if not self.record:
            raise UserError(self.env._("Choose a record first."))
        self.record.check_access("read")
        self.line_ids.unlink()
        routes = self.env["interop.routing"]._explain(self._flows(), self.record)
        # A flow of another area or company is not told of.
        asked = [route.flow.id for route in routes]
        known = set(self.env["interop.flow"].search([("id", "in", asked)]).ids)
        self.write(
            {
                "tried": self.record.display_name,
                "line_ids": [
                    fields.Command.create(
                        {
                            "flow_id": route.flow.id,
                            "takes": "yes" if route.takes else "no",
                            "why": route.why,
                            "waits": self._waits(route.flow) if route.takes else False,
                        }
                    )
                    for route in sorted(routes, key=lambda each: not each.takes)
                    if route.flow.id in known
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try the routing"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _flows(self) -> list[Subscription]:
        flows = list(self.env["interop.flow"]._subscribed(self.event))
        edited = self.flow_id if self.as_edited else self.env["interop.flow"]
        if edited and edited.direction == "out" and edited.event == self.event:
            flows = [flow for flow in flows if flow.id != edited.id]
            flows.append(edited.sudo()._subscription(edited._snapshot()))
        return [flow for flow in flows if self.env[flow.handler]._composes == self.record._name]

    def _waits(self, flow: Subscription) -> str | bool:
        """What of other flows is open, and would be waited for."""
        told = []
        for wait in flow.waits:
            target = self.record.sudo().mapped(wait.path) if wait.path else self.record
            count = (
                self.env["interop.message"]
                .sudo()
                .search_count(
                    [
                        ("res_model", "=", target._name),
                        ("res_id", "in", target.ids),
                        ("flow_id", "=", wait.flow_id),
                        ("direction", "=", "out"),
                        ("state", "in", ["waiting", "ready", "running", "dead"]),
                    ],
                    limit=100,
                )
            )
            name = self.env["interop.flow"].sudo().browse(wait.flow_id).name
            told.append(self.env._("%(flow)s: %(count)s open", flow=name, count=count))
        return "; ".join(told) or False


class InteropRoutingTrialLine(models.TransientModel):
    _name = "interop.routing.trial.line"
    _description = "Try the Routing: A Flow"
    _order = "id"

    trial_id = fields.Many2one(
        "interop.routing.trial", required=True, ondelete="cascade", help="The trial."
    )
    flow_id = fields.Many2one("interop.flow", readonly=True, help="The flow that was asked.")
    takes = fields.Selection(
        [("yes", "Takes it"), ("no", "Does not")],
        readonly=True,
        help="Whether a message would come about.",
    )
    why = fields.Char(readonly=True, help="Why, in words.")
    waits = fields.Char(
        string="Would wait for",
        readonly=True,
        help="Messages of other flows that would have to leave first, as they are now.",
    )
