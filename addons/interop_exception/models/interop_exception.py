from typing import Any, Self

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.interop_base.lib.failures import FAILURE_CLASSES

from ..lib.decisions import DECISIONS
from ..lib.kinds import KINDS
from ..lib.states import GROUP_USER, OPEN_STATES


class InteropException(models.Model):
    """One thing that automation could not settle, put before a person as a decision.

    An exception holds references, money and compared facts; never the content of a message. So it
    may be shown to people who have no right to read messages (finance reviewers).
    """

    _name = "interop.exception"
    _description = "Integration Exception"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "interop.exception.assigning",
        "interop.exception.deciding",
        "interop.exception.difference",
        "interop.exception.evidence",
        "interop.exception.numbers",
    ]
    _order = "due_at, id"
    _mail_post_access = "read"

    name = fields.Char(
        string="What happened",
        required=True,
        readonly=True,
        help="What went wrong, in one sentence. It names the document, never its content.",
    )
    kind = fields.Selection(
        [(kind.code, kind.label) for kind in KINDS.values()],
        required=True,
        readonly=True,
        help="Dead letter: a message that no further automatic try will help. Policy violation: a "
        "message that a policy stopped. Difference: the partner's answer differs from our "
        "document. Overdue answer: the partner has not answered in time. Batch not "
        "released: a batch waits for its release longer than agreed. Evidence: something is wrong "
        "with the audit trail itself.",
    )
    failure_class = fields.Selection(
        list(FAILURE_CLASSES.items()),
        string="Failure",
        readonly=True,
        help="The class of the failure; it decided that no further automatic try would help.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("in_progress", "In Progress"),
            ("resolved", "Resolved"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        group_expand="_expand_states",
        help="Open: nobody has taken it. In progress: it has an owner. Resolved: decided. "
        "Cancelled: given up, with a reason.",
    )
    message_uuid = fields.Char(
        string="Message ID",
        readonly=True,
        help="The message this is about, by its identifier. It stays when the message is purged.",
    )
    message_id = fields.Many2one(
        "interop.message",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=GROUP_USER,
        help="The message that failed, or the answer that differs from our document.",
    )
    flow_id = fields.Many2one(
        "interop.flow",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=GROUP_USER,
        help="The flow the message belongs to.",
    )
    connector_id = fields.Many2one(
        "interop.connector",
        readonly=True,
        ondelete="set null",
        groups=GROUP_USER,
        help="The connector the message was to go through, or came in by.",
    )
    res_model = fields.Char(
        string="Document Model",
        readonly=True,
        help="Technical name of the kind of document this is about.",
    )
    res_id = fields.Many2oneReference(
        string="Document ID",
        model_field="res_model",
        readonly=True,
        help="Database number of the document this is about.",
    )
    document_ref = fields.Char(
        string="Document",
        readonly=True,
        index="trigram",
        help="The document this is about, by its number.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The business partner of the document.",
    )
    company_id = fields.Many2one(
        "res.company",
        readonly=True,
        ondelete="cascade",
        index=True,
        help="The company whose document this is about; only its people see the exception. Empty "
        "if it failed before anybody could tell, as on a flow that serves all companies.",
    )
    area_id = fields.Many2one(
        "interop.area",
        string="Business Area",
        required=True,
        readonly=True,
        ondelete="restrict",
        help="Who deals with it. A price is for finance even if the order belongs to purchasing.",
    )
    owner_id = fields.Many2one(
        "res.users",
        tracking=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="The person who will decide. Take it yourself or hand it to somebody who may see it.",
    )
    due_at = fields.Datetime(
        string="Due",
        required=True,
        readonly=False,
        help="By when a person should have decided.",
    )
    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="The due time has passed and nobody has decided.",
    )
    amount = fields.Monetary(
        string="Money at Stake",
        readonly=True,
        help="What the decision is about in money: for a price the change of the line's amount, "
        "for late or missing goods their value, for a message that failed the document's total.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        readonly=True,
        ondelete="restrict",
        help="Currency of the money at stake.",
    )
    fact_ids = fields.One2many(
        "interop.exception.fact",
        "exception_id",
        string="Compared",
        readonly=True,
        help="What was compared: our value, theirs, and what lies between. Values that are too "
        "sensitive for a reviewer are not kept here.",
    )
    resolution = fields.Char(
        string="Decision Code",
        readonly=True,
        help="Technical name of the decision that was taken.",
    )
    resolution_label = fields.Char(
        string="Decision",
        compute="_compute_resolution_label",
        help="What was decided.",
    )
    resolution_note = fields.Text(
        string="Reason",
        readonly=True,
        help="Why it was decided so, as the person who decided put it.",
    )
    resolved_by_id = fields.Many2one(
        "res.users",
        string="Decided by",
        readonly=True,
        ondelete="set null",
        help="Who decided. Empty if it settled itself, for instance by a later answer.",
    )
    resolved_at = fields.Datetime(
        string="Decided on", readonly=True, help="When it was decided or settled itself."
    )
    dedup_key = fields.Char(
        string="Subject Key",
        readonly=True,
        help="What this is about. While it is open, the same subject makes no second exception.",
    )
    may_open_document = fields.Boolean(
        compute="_compute_may_open_document", help="You have the right to open the document."
    )

    # The lists that people work from look at what is open; history must not slow them down.
    _open_subject = models.UniqueIndex(
        "(dedup_key) WHERE state IN ('open', 'in_progress')",
        "This subject has an open exception already.",
    )
    _open_due = models.Index("(due_at, id) WHERE state IN ('open', 'in_progress')")
    _subject = models.Index("(dedup_key)")
    _document = models.Index("(res_model, res_id)")

    # -- what a person sees ---------------------------------------------------

    @api.depends("due_at", "state")
    def _compute_is_overdue(self) -> None:
        now = fields.Datetime.now()
        for exception in self:
            exception.is_overdue = exception.state in OPEN_STATES and (
                bool(exception.due_at) and exception.due_at < now
            )

    def _search_is_overdue(self, operator: str, value: Any) -> Domain:
        if operator != "in":
            return NotImplemented
        overdue = Domain("state", "in", OPEN_STATES) & Domain("due_at", "<", fields.Datetime.now())
        wanted = Domain.FALSE
        if True in value:
            wanted |= overdue
        if False in value:
            wanted |= ~overdue
        return wanted

    @api.depends("resolution")
    def _compute_resolution_label(self) -> None:
        settled = {
            "superseded": self.env._("Settled by a later answer"),
            "settled": self.env._("Settled itself"),
        }
        for exception in self:
            code = exception.resolution or ""
            label = DECISIONS.get(code).outcome if code in DECISIONS.codes() else settled.get(code)
            exception.resolution_label = label or code

    @api.model
    def _expand_states(self, states: list[str], domain: Any) -> list[str]:
        """Columns in the order of the work; those of the past only if something is in them."""
        return [*OPEN_STATES, *(state for state in states if state not in OPEN_STATES)]

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_may_open_document(self) -> None:
        self.may_open_document = False
        for model, exceptions in self.grouped("res_model").items():
            if not model or model not in self.env:
                continue
            documents = self.env[model].browse(exceptions.mapped("res_id")).exists()
            allowed = set(documents._filtered_access("read").ids)
            for exception in exceptions:
                exception.may_open_document = exception.res_id in allowed

    def action_open_document(self) -> dict[str, Any]:
        """Open the business document this exception is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _open(self) -> Self:
        return self.filtered(lambda item: item.state in OPEN_STATES)
