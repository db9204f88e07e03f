from collections import OrderedDict

from odoo import api, fields, models

from odoo.addons.interop_base.lib.failures import InternalError

from ..lib.parts import digests_of
from ..lib.plan import Plan, compile_plan
from ..lib.statements import statement

# Compiled versions of this process. Equal digests are equal texts, whatever the database.
_PLANS: OrderedDict[str, Plan] = OrderedDict()
_PLANS_KEPT = 500


class InteropFlowVersion(models.Model):
    """What ran, unchanged for ever: one published version of a flow with everything it uses."""

    _name = "interop.flow.version"
    _description = "Flow Version"
    _inherit = ["interop.audit.immutable"]
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
    publication_id = fields.Many2one(
        "interop.publication",
        readonly=True,
        ondelete="restrict",
        help="Who proposed it and why, who approved it, and what changed with it.",
    )
    part_ids = fields.One2many(
        "interop.flow.version.part",
        "version_id",
        string="Parts",
        readonly=True,
        help="What it is made of. Equal digests mean the very same part.",
    )
    in_force = fields.Boolean(compute="_compute_in_force", help="The flow runs this version now.")
    # Which transactions the publication saw: what others change at the same time counts as new.
    seen = fields.Char(
        readonly=True, help="The transactions that the publication saw, as PostgreSQL writes them."
    )

    _number_unique = models.UniqueIndex("(flow_id, number)")

    def init(self):
        self.env.cr.execute(statement("guard_versions"))

    @api.depends("flow_id.name", "number")
    def _compute_display_name(self) -> None:
        for version in self:
            version.display_name = f"{version.flow_id.name} v{version.number}"

    def _compute_in_force(self) -> None:
        for version in self:
            version.in_force = version.flow_id.version_id == version

    @api.model
    def _publish(
        self,
        flow: models.BaseModel,
        snapshot: dict,
        publication: models.BaseModel | None = None,
        again: "InteropFlowVersion | None" = None,
    ) -> "InteropFlowVersion":
        """Write the next version of `flow`; an unchanged one is not written twice.

        `again`: the older version whose text this is, when somebody rolls back.
        """
        stored = self.env["interop.snapshot"]._publish("flow", snapshot)
        if flow.version_id.snapshot_id == stored:
            return flow.version_id
        latest = self.search([("flow_id", "=", flow.id)], order="number desc", limit=1)
        self.env.cr.execute("SELECT pg_current_snapshot()::text")
        [seen] = self.env.cr.fetchone()
        facts = {
            "flow_id": flow.id,
            "number": latest.number + 1,
            "snapshot_id": stored.id,
            "published_by_id": self.env.uid,
            "published_at": fields.Datetime.now(),
            "publication_id": publication.id if publication else False,
            "seen": seen,
        }
        version = self._make_genuine([facts])
        version._write_parts(flow, again)
        return version

    def _write_parts(
        self, flow: models.BaseModel, again: "InteropFlowVersion | None" = None
    ) -> None:
        """What this version is made of: of the flow's records, or of those of an older version."""
        self.ensure_one()
        if again:
            records = {part.part: (part.res_id, part.name) for part in again.part_ids}
        else:
            records = {part: (each.id, each.display_name) for part, each in flow._parts().items()}
        self.env["interop.flow.version.part"]._make_genuine(
            [
                {
                    "version_id": self.id,
                    "part": part,
                    "digest": found,
                    "res_id": records.get(part, (0, ""))[0],
                    "name": records.get(part, (0, ""))[1],
                }
                for part, found in digests_of(self._value()).items()
            ]
        )

    def _value(self) -> dict:
        """The published text, read."""
        self.ensure_one()
        return self.sudo().snapshot_id._value()

    def action_compare(self) -> dict:
        """What differs between this version and the draft, or another version."""
        self.ensure_one()
        return self.env["interop.version.compare"]._open(self.flow_id, before=self)

    def action_roll_back(self) -> dict:
        """Propose to put this older version in force again."""
        self.ensure_one()
        return self.env["interop.publication.proposal"]._open(self.flow_id, version=self)

    def _immutable_sentence(self) -> str:
        return self.env._("A published version is never changed or deleted. Publish a new one.")

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
