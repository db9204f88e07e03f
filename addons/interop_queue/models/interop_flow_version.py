from collections import OrderedDict

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import InternalError

from ..lib.plan import Plan, compile_plan

# Compiled versions of this process. Equal digests are equal texts, whatever the database.
_PLANS: OrderedDict[str, Plan] = OrderedDict()
_PLANS_KEPT = 500


class InteropFlowVersion(models.Model):
    """What ran, unchanged for ever: one published version of a flow with everything it uses."""

    _name = "interop.flow.version"
    _description = "Flow Version"
    _order = "flow_id, number desc"
    _log_access = False

    flow_id = fields.Many2one(
        "interop.flow",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
        help="The flow this is a version of.",
    )
    number = fields.Integer(required=True, readonly=True, help="Counted per flow, from 1.")
    snapshot_id = fields.Many2one(
        "interop.snapshot",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="The immutable text with all settings, schema, policy and connector facts.",
    )
    digest = fields.Char(
        related="snapshot_id.digest",
        help="SHA-256 of the text. Two versions with one digest are the same to the last letter.",
    )
    published_by_id = fields.Many2one("res.users", readonly=True, help="Who put it in force.")
    published_at = fields.Datetime(readonly=True, help="Since when it could run.")

    _number_unique = models.UniqueIndex("(flow_id, number)")

    @api.depends("flow_id.name", "number")
    def _compute_display_name(self) -> None:
        for version in self:
            version.display_name = f"{version.flow_id.name} v{version.number}"

    @api.model
    def _publish(self, flow: models.BaseModel, snapshot: dict) -> "InteropFlowVersion":
        """Write the next version of `flow`; an unchanged one is not written twice."""
        stored = self.env["interop.snapshot"]._publish("flow", snapshot)
        if flow.version_id.snapshot_id == stored:
            return flow.version_id
        latest = self.search([("flow_id", "=", flow.id)], order="number desc", limit=1)
        return self.create(
            {
                "flow_id": flow.id,
                "number": latest.number + 1,
                "snapshot_id": stored.id,
                "published_by_id": self.env.uid,
                "published_at": fields.Datetime.now(),
            }
        )

    def write(self, vals):
        if vals:
            raise UserError(self.env._("A published version is never changed. Publish a new one."))
        return super().write(vals)

    @api.model
    def _plan_of(self, flow_id: int) -> tuple[int, Plan]:
        """The version in force and its compiled plan; compiled once per process and digest."""
        self.env["interop.flow"].flush_model(["version_id"])
        self.env.cr.execute(
            """
            SELECT v.id, s.digest FROM interop_flow f
              JOIN interop_flow_version v ON v.id = f.version_id
              JOIN interop_snapshot s ON s.id = v.snapshot_id
             WHERE f.id = %s
            """,
            [flow_id],
        )
        row = self.env.cr.fetchone()
        if not row:
            raise InternalError("The flow has no published version. Publish it, then redrive.")
        version_id, digest = row
        return version_id, self._plan_by_digest(version_id, digest)

    @api.model
    def _plan_by_digest(self, version_id: int, digest: str) -> Plan:
        plan = _PLANS.get(digest)
        if plan is None:
            text = self.sudo().browse(version_id).snapshot_id.text
            plan = _PLANS[digest] = compile_plan(digest, text)
            while len(_PLANS) > _PLANS_KEPT:
                _PLANS.popitem(last=False)
        return plan
