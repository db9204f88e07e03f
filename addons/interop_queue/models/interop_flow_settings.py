from typing import Any

from odoo import models


class InteropFlowSettings(models.AbstractModel):
    """What a published version keeps of a flow's settings, beyond the flow's own facts.

    The last of a flow's bases: each of the others adds its settings to those of `super()`.
    """

    _name = "interop.flow.settings"
    _description = "Flow: Published Settings"

    def _published_settings(self) -> dict[str, Any]:
        self.ensure_one()
        return {}
