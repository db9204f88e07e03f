import json
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_document.lib.mapping.registry import MAPPERS

from ..lib.handlers import EVENTS, HANDLERS
from ..lib.parts import PUBLISHED
from ..lib.settings import SETTINGS_BEFORE
from ..lib.states import DIRECTIONS, FLOW_STATES


class InteropFlow(models.Model):
    """The governed contract: this event, this document type, this policy, this connector.

    What is edited here is a draft. Publishing writes an immutable version, and the pipeline reads
    only that.
    """

    _name = "interop.flow"
    _description = "Flow"
    _inherit = [
        "mail.thread",
        "interop.flow.retry",
        "interop.flow.mode",
        "interop.flow.priority",
        "interop.flow.routing",
        "interop.flow.batch",
        "interop.flow.direct",
        "interop.flow.gathering",
        "interop.flow.freshness",
        "interop.flow.privacy",
        "interop.flow.retention",
        "interop.flow.guard",
        "interop.flow.authors",
        "interop.flow.second.person",
        "interop.flow.samples",
        "interop.flow.readiness",
        "interop.flow.settings",
    ]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(
        required=True, tracking=True, help="What the flow does, in the words of those who use it."
    )
    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="Short name in addresses and logs: lower-case letters, digits and hyphens. A partner "
        "who sends to this flow uses it in the address.",
    )
    direction = fields.Selection(
        DIRECTIONS,
        required=True,
        default="out",
        tracking=True,
        help="Outbound: Odoo's documents go to the partner. Inbound: the partner's documents "
        "come to Odoo.",
    )
    state = fields.Selection(
        FLOW_STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        help="Only a live flow takes in new messages. A paused one keeps what arrives waiting at "
        "the partner, and creates nothing for new events.",
    )
    event = fields.Selection(
        selection="_selection_event",
        tracking=True,
        help="The business milestone that starts an outbound flow.",
    )
    document_type_id = fields.Many2one(
        "interop.document.type",
        required=True,
        tracking=True,
        help="What travels: the kind and version of the business document.",
    )
    handler = fields.Selection(
        selection="_selection_handler",
        required=True,
        tracking=True,
        help="What reads the document from Odoo's records, or applies it to them.",
    )
    mapping = fields.Selection(
        selection="_selection_mapping",
        required=True,
        default="identity",
        help="How the document becomes the partner's shape. Identity: the partner takes our "
        "document as it is.",
    )
    mapping_id = fields.Many2one(
        "interop.mapping",
        string="Mapping of rows",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        domain="[('document_type_id', '=', document_type_id), ('direction', '=', direction)]",
        help="How the document becomes the partner's shape, or comes back from it. Empty: the "
        "partner takes our document as it is. Changes take effect by publishing.",
    )
    policy_id = fields.Many2one(
        "interop.policy",
        check_company=True,
        tracking=True,
        domain="[('document_type_id', '=', document_type_id)]",
        help="Which fields may be shown. Outbound flows need one: a field that no rule names does "
        "not leave. Inbound: what the policy drops is not kept as a document.",
    )
    connector_id = fields.Many2one(
        "interop.connector",
        required=True,
        check_company=True,
        index=True,
        tracking=True,
        help="The way to the partner.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        tracking=True,
        help="The company whose documents travel. Empty: all companies that have no flow of "
        "their own for this event.",
    )
    area_id = fields.Many2one(
        "interop.area",
        required=True,
        index=True,
        tracking=True,
        help="The business area. It decides who may see and work the flow's messages.",
    )
    owner_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        tracking=True,
        help="Who answers for this flow and is asked first when something is wrong.",
    )
    service_user_id = fields.Many2one(
        "res.users",
        string="Acts as",
        tracking=True,
        context={"active_test": False},
        help="The user whose rights the flow has in Odoo. Best an archived user with just the "
        "rights that this flow needs: it cannot log in and costs no licence.",
    )
    order_by = fields.Selection(
        [
            ("record", "One after the other per record"),
            ("flow", "One after the other for the whole flow"),
            ("none", "No order"),
        ],
        required=True,
        compute="_compute_order_by",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Which messages wait for each other. A dead letter holds those behind it, so choose "
        "no more order than the partner needs.",
    )
    expects_answer = fields.Boolean(
        tracking=True,
        help="The partner answers with a business document (an order acknowledgement, say). Until "
        "then the message stays Sent.",
    )
    answer_hours = fields.Float(
        string="Answer within",
        default=48.0,
        tracking=True,
        help="Hours within which the partner's answer is expected.",
    )
    version_id = fields.Many2one(
        "interop.flow.version",
        string="Version in force",
        readonly=True,
        copy=False,
        help="The published version that runs. Changes take effect only by publishing.",
    )
    version_ids = fields.One2many(
        "interop.flow.version", "flow_id", readonly=True, help="All published versions."
    )
    has_draft_changes = fields.Boolean(
        compute="_compute_has_draft_changes",
        help="What you see differs from what runs: publish to put it in force.",
    )
    address = fields.Char(
        compute="_compute_address",
        string="Inbound address",
        help="Where the partner sends to, below this server's own address.",
    )
    message_count_open = fields.Integer(
        compute="_compute_message_counts",
        string="Open messages",
        help="Messages of this flow that are not finished.",
    )
    message_count_dead = fields.Integer(
        compute="_compute_message_counts",
        string="Dead letters",
        help="Messages of this flow that no further automatic try will help.",
    )

    _code_unique = models.Constraint("UNIQUE(code)", "Another flow has this code.")
    _attempts_positive = models.Constraint(
        "CHECK(retry_max_attempts BETWEEN 1 AND 1000)", "Choose 1 to 1,000 attempts."
    )
    _max_hours_sane = models.Constraint(
        "CHECK(retry_max_hours BETWEEN 1 AND 720)", "Choose 1 to 720 hours (30 days)."
    )
    _pause_sane = models.Constraint(
        "CHECK(retry_pause_minutes BETWEEN 1 AND 1440)", "Choose 1 to 1,440 minutes (a day)."
    )

    # -- selections ----------------------------------------------------------------------------

    @api.model
    def _selection_event(self) -> list[tuple[str, str]]:
        return sorted(EVENTS.items())

    @api.model
    def _selection_handler(self) -> list[tuple[str, str]]:
        return HANDLERS.selection()

    @api.model
    def _selection_mapping(self) -> list[tuple[str, str]]:
        # Rows are chosen as a mapping of rows.
        return [(code, code.capitalize()) for code in MAPPERS.codes() if code != "rows"]

    # -- computed ------------------------------------------------------------------------------

    @api.depends("direction", "code", "connector_id.code")
    def _compute_address(self) -> None:
        for flow in self:
            inbound = flow.direction == "in" and flow.connector_id and flow.code
            flow.address = inbound and f"/interop/v1/in/{flow.connector_id.code}/{flow.code}"

    @api.depends("direction")
    def _compute_order_by(self) -> None:
        """What is received has no record yet that could order it."""
        for flow in self:
            if flow.direction == "in" and flow.order_by != "flow":
                flow.order_by = "none"
            elif not flow.order_by:
                flow.order_by = "record"

    @api.depends("version_id", *PUBLISHED)
    def _compute_has_draft_changes(self) -> None:
        for flow in self:
            if not flow.version_id or not isinstance(flow.id, int):
                flow.has_draft_changes = False
                continue
            try:
                current = flow._snapshot()
            except (InteropError, UserError):
                flow.has_draft_changes = True
                continue
            published = json.loads(flow.sudo().version_id.snapshot_id.text)
            published["flow"] = {**SETTINGS_BEFORE, **published["flow"]}
            flow.has_draft_changes = current != published

    def _compute_message_counts(self) -> None:
        counts = {
            (flow.id, state): count
            for flow, state, count in self.env["interop.message"]._read_group(
                [
                    ("flow_id", "in", self.ids),
                    ("state", "in", ["waiting", "ready", "running", "sent", "dead"]),
                ],
                ["flow_id", "state"],
                ["__count"],
            )
        }
        for flow in self:
            mine = {state: n for (flow_id, state), n in counts.items() if flow_id == flow.id}
            flow.message_count_dead = mine.get("dead", 0)
            flow.message_count_open = sum(mine.values())

    # -- checks --------------------------------------------------------------------------------

    @api.constrains("code")
    def _check_code(self) -> None:
        for flow in self:
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", flow.code or ""):
                raise ValidationError(
                    self.env._("Flow code: use lower-case letters, digits and hyphens only.")
                )

    @api.constrains("policy_id", "document_type_id")
    def _check_policy(self) -> None:
        for flow in self:
            if flow.policy_id and flow.policy_id.document_type_id != flow.document_type_id:
                raise ValidationError(
                    self.env._("The policy is for another document type than the flow.")
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self) -> None:
        if self.env["interop.message"].sudo().search_count([("flow_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("This flow has messages, which are evidence. Retire it instead.")
            )

    def write(self, vals):
        # The address a partner sends to, and which way the flow goes, are part of what was agreed.
        fixed = vals.keys() & {"code", "direction"}
        if any(flow.version_id and flow[name] != vals[name] for flow in self for name in fixed):
            raise UserError(
                self.env._("Code and direction are fixed once a flow is published. Copy the flow.")
            )
        result = super().write(vals)
        if not vals.keys().isdisjoint({*PUBLISHED, "state", "version_id", "code"}):
            self.env.registry.clear_cache()
        return result
