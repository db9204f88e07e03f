from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import InteropError

from ..lib.parts import part_digest

#: Of which flows in force a record is a part, and in which form.
IN_FORCE = """
SELECT p.res_id, p.digest, f.id
  FROM interop_flow_version_part p
  JOIN interop_flow f ON f.version_id = p.version_id
 WHERE f.state IN ('live', 'paused') AND p.part = %s AND p.res_id = ANY(%s)
"""


class InteropPublishedPart(models.AbstractModel):
    """What flows publish a copy of: its form tells where it runs as it is seen, and where not."""

    _name = "interop.published.part"
    _description = "Part of Published Flows"
    _interop_part = ""

    flows_as_seen = fields.Integer(
        string="Flows that run it as you see it",
        compute="_compute_flows_in_force",
        help="Flows in force whose published version holds exactly these settings.",
    )
    flows_older = fields.Integer(
        string="Flows that run an older form",
        compute="_compute_flows_in_force",
        help="Flows in force that were published before the last change. They run what was "
        "published until they are published again.",
    )

    def _part_snapshot(self) -> Any:
        """What a flow publishes of this record."""
        return self._snapshot()

    def _compute_flows_in_force(self) -> None:
        rows = self._in_force()
        for record in self:
            mine = [found for res_id, found, _flow in rows if res_id == record._origin.id]
            try:
                now = part_digest(record._part_snapshot()) if mine else ""
            except (InteropError, UserError):
                now = ""
            record.flows_as_seen = sum(found == now for found in mine)
            record.flows_older = len(mine) - record.flows_as_seen

    def action_view_flows_in_force(self) -> dict[str, Any]:
        """The flows that run it, in whatever form."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("interop_queue.interop_flow_action")
        flows = [flow for _res_id, _found, flow in self._in_force()]
        return action | {"domain": [("id", "in", flows)], "context": {}}

    def _in_force(self) -> list[tuple[int, str, int]]:
        ids = [record._origin.id for record in self if record._origin.id]
        if not ids:
            return []
        self.env["interop.flow"].flush_model(["version_id", "state"])
        self.env["interop.flow.version.part"].flush_model()
        self.env.cr.execute(IN_FORCE, [self._interop_part, ids])
        return self.env.cr.fetchall()
