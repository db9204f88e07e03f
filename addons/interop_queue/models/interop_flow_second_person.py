from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..lib.readiness import READY, label_of

APPROVER = "interop_base.group_approver"


class InteropFlowSecondPerson(models.AbstractModel):
    """Putting a flow in force: by one person where that may be, by two where it must be.

    Whether somebody may approve is decided in one place, `_approval_problem`: richer change control
    finds its place there.
    """

    _name = "interop.flow.second.person"
    _description = "Flow: A Second Person Approves"

    needs_second_person = fields.Boolean(
        compute="_compute_needs_second_person",
        help="An approver, who wrote none of it, must approve before changes take effect. Always "
        "so in production.",
    )
    publication_ids = fields.One2many(
        "interop.publication",
        "flow_id",
        readonly=True,
        help="What was proposed for this flow, by whom, and what became of it.",
    )
    open_publication_id = fields.Many2one(
        "interop.publication",
        compute="_compute_open_publication",
        string="Waits for approval",
        help="What was proposed and not yet decided.",
    )

    @api.depends("connector_id.environment", "company_id")
    def _compute_needs_second_person(self) -> None:
        for flow in self:
            companies = flow.company_id or self.env["res.company"].sudo().search([])
            always = "always" in companies.sudo().mapped("interop_second_person")
            # Where the server stands counts as well as what the connector says it is for.
            production = (
                flow.sudo().connector_id.environment == "production" or flow._is_production()
            )
            flow.needs_second_person = production or always

    @api.depends("publication_ids.state")
    def _compute_open_publication(self) -> None:
        for flow in self:
            flow.open_publication_id = flow.publication_ids.filtered(
                lambda publication: publication.state == "proposed"
            )[:1]

    def action_publish(self) -> dict | None:
        """Put the draft in force, where one person may; else ask for what a second one decides."""
        if self.env.uid != SUPERUSER_ID:
            waiting = self.filtered("needs_second_person")
            if waiting and len(self) == 1:
                return self.action_propose()
            if waiting:
                raise UserError(
                    self.env._(
                        "A second person must approve these flows. Propose each of them: %s.",
                        ", ".join(waiting.mapped("name")),
                    )
                )
        self._publish_now()
        return None

    def action_propose(self) -> dict:
        """Say why, see what would change, and ask an approver to approve."""
        self.ensure_one()
        self._require_manager()
        self._check_ready_to_publish()
        return self.env["interop.publication.proposal"]._open(self)

    def action_compare(self) -> dict:
        """What differs between two versions, or a version and the draft."""
        self.ensure_one()
        return self.env["interop.version.compare"]._open(self, before=self.version_id)

    def _approval_problem(self, publication: models.BaseModel) -> str:
        """Why the present user may not approve; empty if they may."""
        self.ensure_one()
        if publication.proposed_by_id == self.env.user:
            return self.env._("You proposed it. Somebody else must approve it.")
        if not self.env.user.has_group(APPROVER):
            return self.env._("Approving needs the right “Approver”, which no other role includes.")
        authors = publication.author_ids
        if not publication.again_id:
            # Also what was written since; of a version from before, nothing can be.
            authors |= self._authors()
        if self.env.user in authors:
            return self.env._(
                "You changed something that this publication would put in force. Somebody who "
                "wrote none of it must approve it."
            )
        return ""

    # -- what is in force is set by publishing alone ---------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._refuse_in_force(vals, "create")
            # Set and not left out: what is left out would be taken from the caller's context.
            fresh = {"version_id": False, "state": "draft"}
            vals_list = [{**vals, **fresh} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._refuse_in_force(vals, "write")
        return super().write(vals)

    def _refuse_in_force(self, vals: dict, method: str) -> None:
        """Which version runs and whether one does, is nothing to write past an approval."""
        given = vals.get("version_id"), vals.get("state", "draft") != "draft"
        touched = vals.keys() & {"version_id", "state"} if self else any(given)
        if touched:
            self.env["interop.audit.refusals"]._note(self._name, method, self.ids)
            raise AccessError(
                self.env._(
                    "Which version of a flow is in force is changed by publishing, pausing, "
                    "resuming and retiring it, with the buttons. This attempt is noted in the "
                    "audit trail."
                )
            )

    # -- who may --------------------------------------------------------------------------------

    def _approvers(self) -> models.BaseModel:
        """Who holds the right and sees the flow: by its company, and by its business area."""
        self.ensure_one()
        users = self.env.ref(APPROVER).sudo().all_user_ids.filtered("active")
        if company := self.sudo().company_id:
            users = users.filtered(lambda user: company in user.company_ids)
        area = self.sudo().area_id
        return users.filtered(
            lambda user: (
                area in user.interop_area_ids or user.has_group("interop_base.group_manager")
            )
        )

    def _findings_text(self) -> str:
        """What the readiness check finds lacking, a line each."""
        self.ensure_one()
        return "\n".join(
            f"{label_of(found.check)}: {found.sentence}"
            for found in self._readiness()
            if found.status != READY
        )
