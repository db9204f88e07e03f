from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

BATCH_AT_MOST = 1000
GATHER_AT_MOST = 24 * 60


class InteropFlowBatch(models.AbstractModel):
    """How many documents of a flow travel in one payload, and how long they are gathered."""

    _name = "interop.flow.batch"
    _description = "Flow: Batches"

    batch_size = fields.Integer(
        string="Documents per payload",
        required=True,
        default=1,
        tracking=True,
        help="Up to so many documents travel together in one payload. 1: each travels alone, with "
        "its own message id as the key; several share a key of their own.",
    )
    batch_minutes = fields.Integer(
        string="Gather for",
        required=True,
        default=0,
        tracking=True,
        help="Minutes: messages are held until the next full interval and leave together, so that "
        "payloads are full. 15: at the hour, a quarter past, half past … 0: they leave at once.",
    )

    @api.constrains("batch_size", "batch_minutes", "order_by", "direction")
    def _check_batch(self) -> None:
        for flow in self:
            if not 1 <= flow.batch_size <= BATCH_AT_MOST:
                raise ValidationError(
                    self.env._("Choose 1 to %s documents per payload.", f"{BATCH_AT_MOST:,}")
                )
            if not 0 <= flow.batch_minutes <= GATHER_AT_MOST:
                raise ValidationError(self.env._("Gather for 0 to 1,440 minutes (a day)."))
            if flow.batch_size > 1 and flow.direction == "out" and flow.order_by == "flow":
                raise ValidationError(
                    self.env._(
                        "“One after the other for the whole flow” lets one message leave at a "
                        "time, so payloads of several documents would never come about. Choose "
                        "“per record” or “no order”."
                    )
                )

    @api.model
    @tools.ormcache()
    def _batch_sizes(self) -> dict[int, int]:
        """Flow → documents per payload, of live flows that have more than one, as published."""
        sizes = {}
        for flow in self.env["interop.flow"].sudo().search([("version_id", "!=", False)]):
            _version_id, plan = self.env["interop.flow.version"]._plan_of(flow.id)
            if plan.flow["direction"] == "out" and plan.batch_size > 1:
                sizes[flow.id] = plan.batch_size
        return sizes
