from typing import Any

from odoo import fields, models

from ..lib.modes import MODES, REAL_TIME


class InteropFlowMode(models.AbstractModel):
    """How urgently a flow's documents travel."""

    _name = "interop.flow.mode"
    _description = "Flow: Mode"

    mode = fields.Selection(
        list(MODES),
        required=True,
        default=REAL_TIME,
        tracking=True,
        help="Direct: who asks waits for the partner's answer, for seconds at most (payment "
        "authorisation, availability). Real-time: each document leaves by itself within seconds "
        "of the event. Batch: documents are gathered and leave as one payload by schedule, number "
        "or size.",
    )

    def _published_settings(self) -> dict[str, Any]:
        return super()._published_settings() | {"mode": self.mode}
