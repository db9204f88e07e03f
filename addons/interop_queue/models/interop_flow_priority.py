from typing import Any

from odoo import fields, models

from ..lib.priorities import NORMAL, PRIORITIES


class InteropFlowPriority(models.AbstractModel):
    """Which of a flow's documents go first when everything is late."""

    _name = "interop.flow.priority"
    _description = "Flow: Priority"

    priority = fields.Selection(
        list(PRIORITIES),
        required=True,
        default=str(NORMAL),
        tracking=True,
        help="When more waits than can leave: urgent goes first, and one of four exchanges of a "
        "lane is kept free for it; low goes last, but one turn in some is always its own. The "
        "order within a chain is never broken.",
    )

    def _published_settings(self) -> dict[str, Any]:
        return super()._published_settings() | {"priority": int(self.priority)}
