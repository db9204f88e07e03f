import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.routing import circle


class InteropFlowWait(models.Model):
    """A flow waits for another: the order for its partner, the change for its order."""

    _name = "interop.flow.wait"
    _description = "Flow: Waits For"
    _order = "id"

    flow_id = fields.Many2one(
        "interop.flow", required=True, index=True, ondelete="cascade", help="The flow that waits."
    )
    needs_flow_id = fields.Many2one(
        "interop.flow",
        string="Waits for",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('direction', '=', 'out'), ('id', '!=', flow_id)]",
        help="Open messages of this flow go first.",
    )
    path = fields.Char(
        string="About",
        help="The way from this flow's record to the other flow's: “Vendor” on an order, say. "
        "Empty: both are about the same record.",
    )
    record_model = fields.Char(
        related="flow_id.record_model", help="The kind of records that the way begins at."
    )

    _once = models.Constraint("UNIQUE(flow_id, needs_flow_id, path)", "This is waited for already.")

    @api.constrains("flow_id", "needs_flow_id", "path")
    def _check_wait(self) -> None:
        for wait in self:
            if problem := wait._problem() or self._circle_of(wait.flow_id):
                raise ValidationError(problem)

    def _problem(self) -> str | None:
        """Why this cannot be waited for, in words."""
        self.ensure_one()
        flow, needed = self.flow_id.sudo(), self.needs_flow_id.sudo()
        if flow == needed:
            return self.env._(
                "A flow cannot wait for itself. “One after the other” keeps the order within it."
            )
        if "in" in (flow.direction, needed.direction):
            return self.env._("Only outbound flows wait, and only for outbound flows.")
        start, end = flow._composed_model(), needed._composed_model()
        if not start or not end:
            return self.env._(
                "Flows can wait for each other only if their documents are made of Odoo's records."
            )
        reached = self.env["interop.routing"]._reached(start, self.path or "")
        if reached != end:
            return self.env._(
                "From %(start)s, “%(path)s” does not lead to %(end)s, which %(flow)s is about.",
                start=self.env["ir.model"]._get(start).name,
                path=self.path or "",
                end=self.env["ir.model"]._get(end).name,
                flow=needed.name,
            )
        return None

    @api.model
    def _circle_of(self, flow: models.BaseModel) -> str | None:
        """Flows that wait for each other in a circle, as edited or as published, in words."""
        waits: dict[int, set[int]] = {}
        for wait in self.sudo().search([]):
            waits.setdefault(wait.flow_id.id, set()).add(wait.needs_flow_id.id)
        live = self.env["interop.flow"].sudo().search([("version_id", "!=", False)])
        for other in live - flow:
            published = json.loads(other.version_id.snapshot_id.text)["flow"].get("waits", [])
            waits.setdefault(other.id, set()).update(wait["flow"] for wait in published)
        found = circle(flow.id, waits)
        if not found:
            return None
        names = self.env["interop.flow"].sudo().browse([*found, flow.id]).mapped("name")
        return self.env._(
            "These flows would wait for each other in a circle: %s.",
            " → ".join([*names, flow.sudo().name]),
        )

    # -- evidence ------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        waits = super().create(vals_list)
        waits._note_change()
        return waits

    def write(self, vals):
        self._note_change()
        result = super().write(vals)
        self._note_change()
        return result

    def unlink(self):
        self._note_change()
        return super().unlink()

    def _note_change(self) -> None:
        """Who changes this changes what the flow publishes, and cannot approve it."""
        for flow in self.flow_id:
            self.env["interop.audit"]._record(
                "flow.change", record=flow, details={"fields": ["wait_ids"]}
            )
