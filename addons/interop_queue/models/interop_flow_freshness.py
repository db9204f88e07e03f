from typing import Any

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..lib.modes import BATCH, DIRECT


class InteropFlowFreshness(models.AbstractModel):
    """Of when a flow's documents are, and whether several pending ones become one."""

    _name = "interop.flow.freshness"
    _description = "Flow: Latest State or State of the Event"

    content_as_of = fields.Selection(
        [("latest", "When it leaves"), ("event", "When the event happened")],
        string="Content as of",
        required=True,
        default="latest",
        tracking=True,
        help="When it leaves: the document says what is so at that moment. When the event "
        "happened: it is composed and sealed at once, whatever changes before it leaves.",
    )
    coalesce = fields.Boolean(
        string="Latest state only",
        tracking=True,
        help="For master data: several updates of one record that are still pending leave as one "
        "message with the latest state. The others end as done and name it.",
    )

    def _published_settings(self) -> dict[str, Any]:
        return super()._published_settings() | {
            "content_as_of": self.content_as_of,
            "coalesce": self.coalesce,
        }

    @api.constrains(
        "content_as_of", "coalesce", "direction", "mode", "order_by", "batch_size", "handler"
    )
    def _check_freshness(self) -> None:
        for flow in self:
            if not flow.coalesce:
                continue
            if flow.direction != "out" or flow.mode == DIRECT or flow.order_by != "record":
                raise ValidationError(
                    self.env._(
                        "“Latest state only” is for outbound flows that send one after the other "
                        "per record, in real time or in batches."
                    )
                )
            if flow.content_as_of == "event":
                raise ValidationError(
                    self.env._(
                        "What was so at each event cannot become one latest state: choose one of "
                        "the two."
                    )
                )
            if flow.batch_size > 1 and flow.mode != BATCH:
                raise ValidationError(
                    self.env._(
                        "“Latest state only” in real time sends one document per payload. Choose "
                        "the mode “Batch” for several."
                    )
                )

    @api.model
    @tools.ormcache()
    def _coalescing(self) -> frozenset[int]:
        """Flows, as published, of which a lane lets pending updates become one at the claim."""
        found = []
        for flow in self.env["interop.flow"].sudo().search([("version_id", "!=", False)]):
            _version_id, plan = self.env["interop.flow.version"]._plan_of(flow.id)
            facts = plan.flow
            # Those of batches become one when their batch is cut.
            if facts["direction"] == "out" and facts.get("coalesce") and facts.get("mode") != BATCH:
                found.append(flow.id)
        return frozenset(found)
