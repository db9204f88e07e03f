from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.interop_base.lib.failures import FAILURE_CLASSES

from ..engine.settle import tell
from ..lib.outcome import Outcome
from ..lib.statements import statement
from ..lib.states import DIRECTIONS, STATES


class InteropMessage(models.Model):
    """One document on its way through one flow: the row of the queue.

    Narrow on purpose: content lies sealed in the vault. Rows are written by the engine's statements
    (`sql/queue.sql`) only; people act through the methods of
    `interop_message_acts.py`, which leave evidence.
    """

    _name = "interop.message"
    _description = "Message"
    _inherit = [
        "interop.message.acts",
        "interop.message.finding",
        "interop.message.person",
        "interop.message.priorities",
        "interop.message.recovering",
        "interop.message.reference",
        "interop.message.resending",
        "interop.message.retention",
        "interop.message.waiting",
    ]
    _order = "id desc"
    _rec_name = "uuid"
    _log_access = False

    uuid = fields.Char(
        string="Message id", required=True, readonly=True,
        help="Also the idempotency key: the partner sees the same one on every try.",
    )  # fmt: skip
    flow_id = fields.Many2one(
        "interop.flow", required=True, readonly=True, ondelete="restrict", index=True,
        help="The flow it is on.",
    )  # fmt: skip
    version_id = fields.Many2one(
        "interop.flow.version", readonly=True, ondelete="restrict",
        help="The published version of the flow that ran it.",
    )  # fmt: skip
    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="restrict",
        help="The way to the partner.",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", readonly=True, help="The company it concerns.")
    area_id = fields.Many2one(
        "interop.area", required=True, readonly=True,
        help="The business area. It decides who sees the message.",
    )  # fmt: skip
    direction = fields.Selection(
        DIRECTIONS, required=True, readonly=True, help="To the partner or from the partner."
    )
    document_type = fields.Char(
        string="Document", readonly=True, help="Type and version of the document it carries."
    )
    event = fields.Char(readonly=True, help="The business milestone that started it.")
    state = fields.Selection(
        STATES, required=True, readonly=True,
        help="Waiting: for its time or its turn. Ready: the next free lane takes it. Running: in a "
        "lane's hands. Sent: accepted by the partner, whose answer is awaited. Done: finished. "
        "Dead letter: no further automatic try will help, a person decides. Cancelled: by a "
        "person, with a reason.",
    )  # fmt: skip
    parked = fields.Boolean(
        readonly=True, help="Waits for the message before it in its chain, not for a time."
    )
    held = fields.Char(
        string="Held by",
        readonly=True,
        help="What it waits for, if neither for its time nor for its turn. Empty: nothing.",
    )
    batch_id = fields.Many2one(
        "interop.batch", readonly=True, ondelete="restrict", index="btree_not_null",
        help="The batch it travels in. Empty: it travels alone, or its batch is not cut yet.",
    )  # fmt: skip
    as_of_event = fields.Boolean(
        string="As of the event", readonly=True,
        help="It says what was so when the event happened, whatever has changed since.",
    )  # fmt: skip
    coalesced_into_id = fields.Many2one(
        "interop.message", string="Stands in", readonly=True, ondelete="set null",
        index="btree_not_null",
        help="The message that brought the latest state, this one's change among it. This one did "
        "not travel itself.",
    )  # fmt: skip
    coalesced_ids = fields.One2many(
        "interop.message", "coalesced_into_id", string="Stands for", readonly=True,
        help="Later updates of the same record whose state this message brings as well.",
    )  # fmt: skip
    priority = fields.Integer(
        readonly=True, aggregator=None, help="Lower numbers go first within a connector."
    )
    run_at = fields.Datetime(string="Not before", readonly=True, help="Earliest next try.")
    chain = fields.Char(
        readonly=True,
        help="Messages with the same chain go one after the other. It begins with the number of "
        "the flow, as each flow has its own chains.",
    )
    business_key = fields.Char(
        string="Business key", readonly=True, index="btree_not_null",
        help="What people search for. It begins with the number on the document: of the order, the "
        "invoice, the delivery.",
    )  # fmt: skip
    partner_id = fields.Many2one(
        "res.partner", readonly=True, ondelete="set null", index="btree_not_null",
        help="The business partner it concerns.",
    )  # fmt: skip
    res_model = fields.Char(string="Record type", readonly=True, help="Odoo's record type.")
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", readonly=True,
        help="The Odoo record it was made from or applied to.",
    )  # fmt: skip
    record_name = fields.Char(
        string="About", compute="_compute_record_name", help="The Odoo record it is about."
    )
    claims = fields.Integer(
        readonly=True, aggregator=None,
        help="How often a lane took it. More claims than attempts: a worker died with it.",
    )  # fmt: skip
    losses = fields.Integer(
        required=True, readonly=True, default=0, aggregator=None,
        help="How often its worker died or hung with it in its hands. After the second time it is "
        "run alone, after the fifth it becomes a dead letter.",
    )  # fmt: skip
    size = fields.Integer(
        required=True, readonly=True, default=0, aggregator=None,
        help="Bytes that a lane reckons with when it takes the message into its memory.",
    )  # fmt: skip
    resent_from_id = fields.Many2one(
        "interop.message", readonly=True, ondelete="set null", index="btree_not_null",
        help="The message that a person sent again as a new one. The partner sees two different "
        "keys.",
    )  # fmt: skip
    resent_ids = fields.One2many(
        "interop.message", "resent_from_id", string="Sent again as", readonly=True,
        help="New messages that a person made of this one. The partner sees each with its own key.",
    )  # fmt: skip
    attempts = fields.Integer(
        readonly=True, aggregator="sum", help="How often it was tried, throttled tries apart."
    )
    lease_token = fields.Char(
        readonly=True, groups="base.group_system", help="Who settles it must show this."
    )
    lease_until = fields.Datetime(
        readonly=True, help="If its lane has not settled it by then, it is given to another."
    )
    lane = fields.Char(readonly=True, help="The lane that has it in its hands.")
    failure_class = fields.Selection(
        list(FAILURE_CLASSES.items()), string="Kind of failure", readonly=True,
        help="Decides what happens next: temporary problems are tried again, others need a person.",
    )  # fmt: skip
    failure = fields.Char(
        string="What went wrong", readonly=True, help="In one sentence, without any content."
    )
    interchange_id = fields.Many2one(
        "interop.interchange", readonly=True, ondelete="restrict", index="btree_not_null",
        help="The payload it travels in.",
    )  # fmt: skip
    position = fields.Integer(
        readonly=True, default=0, aggregator=None,
        help="Its place among the documents of its payload, from 0.",
    )  # fmt: skip
    answers_id = fields.Many2one(
        "interop.message", readonly=True, ondelete="set null",
        index="btree_not_null", help="The message that this one is the partner's answer to.",
    )  # fmt: skip
    answer_ids = fields.One2many(
        "interop.message", "answers_id", string="Answered by", readonly=True,
        help="The partner's business answers.",
    )  # fmt: skip
    answer_due_at = fields.Datetime(
        string="Answer due", readonly=True, help="By when the partner's answer is expected."
    )
    answered_at = fields.Datetime(readonly=True, help="When the partner's answer was applied.")
    created_at = fields.Datetime(string="Accepted", readonly=True, help="When it was accepted.")
    redriven_at = fields.Datetime(
        string="Run again at", readonly=True,
        help="When a person last let it run again. From then on its age counts anew.",
    )  # fmt: skip
    masks_once = fields.Boolean(
        string="Let out masked", readonly=True,
        help="A manager decided that this message leaves for once with masked what the last look "
        "found and held. Running it again forgets the decision.",
    )  # fmt: skip
    started_at = fields.Datetime(readonly=True, help="When a lane last took it.")
    sent_at = fields.Datetime(string="Sent at", readonly=True, help="When the partner accepted it.")
    done_at = fields.Datetime(string="Ended", readonly=True, help="When it came to its end.")
    attempt_ids = fields.Many2many(
        "interop.attempt", string="Tries", compute="_compute_attempt_ids",
        help="Each try to move it. A payload of several documents is tried as a whole.",
    )  # fmt: skip

    _uuid_unique = models.UniqueIndex("(uuid)")
    # The chain's last word: never two of a chain at once, whatever the claim believed.
    _one_running = models.UniqueIndex("(chain) WHERE state = 'running'")
    _claimable = models.Index("(connector_id, direction, priority, id) WHERE state = 'ready'")
    _in_flight = models.Index("(lease_until, connector_id) WHERE state = 'running'")
    _suspects = models.Index("(connector_id) WHERE state = 'ready' AND losses >= 2")
    _due = models.Index("(run_at) WHERE state = 'waiting' AND NOT parked AND held IS NULL")
    _gathered = models.Index("(flow_id, company_id, id) WHERE held = 'batch'")
    _parked = models.Index("(connector_id) WHERE state = 'waiting' AND parked")
    _open_chain = models.Index("(chain, id) WHERE state IN ('waiting', 'ready', 'running', 'dead')")
    _answer_due = models.Index("(answer_due_at) WHERE state = 'sent'")
    _dead = models.Index("(id) WHERE state = 'dead'")
    _record = models.Index("(res_model, res_id)")

    @api.depends("document_type", "business_key", "uuid")
    def _compute_display_name(self) -> None:
        for message in self:
            key = message.business_key or (message.uuid or "")[:8]
            message.display_name = f"{message.document_type or ''} {key}".strip()

    @api.depends("interchange_id")
    def _compute_attempt_ids(self) -> None:
        payloads = self.interchange_id.ids
        found = self.env["interop.attempt"].search(
            [
                "|",
                ("message_id", "in", self.ids),
                "&",
                ("message_id", "=", False),
                ("interchange_id", "in", payloads),
            ]
        )
        for message in self:
            message.attempt_ids = found.filtered(
                lambda attempt, message=message: (
                    attempt.message_id == message
                    or (not attempt.message_id and attempt.interchange_id == message.interchange_id)
                )
            )

    @api.depends("res_model", "res_id")
    def _compute_record_name(self) -> None:
        for message in self:
            message.record_name = False
            if message.res_model in self.env and message.res_id:
                record = self.env[message.res_model].browse(message.res_id)
                if record.exists() and record.has_access("read"):
                    message.record_name = record.display_name

    # -- for handlers --------------------------------------------------------------------------

    @api.model
    def _find_sent(self, res_model: str, res_id: int, document_type: str) -> "InteropMessage":
        """The newest outbound message about a record that an answer can belong to.

        It may have reached the partner without our knowing: then it waits to be tried again, or is
        a dead letter because no answer came or its worker died.
        """
        return self.sudo().search(
            [
                ("res_model", "=", res_model),
                ("res_id", "=", res_id),
                ("direction", "=", "out"),
                ("document_type", "=like", f"{document_type} %"),
                "|",
                "|",
                ("state", "in", ["running", "sent", "done"]),
                "&",
                ("state", "in", ["waiting", "ready"]),
                ("claims", ">", 0),
                "&",
                ("state", "=", "dead"),
                "|",
                ("failure_class", "=", "uncertain"),
                ("losses", ">", 0),
            ],
            order="id desc",
            limit=1,
        )

    def _answer(self, original: "InteropMessage") -> None:
        """Note that this inbound message is the business answer to `original`."""
        self.ensure_one()
        if not original:
            return
        cr = self.env.cr
        self.sudo().answers_id = original.id
        self.env.flush_all()
        cr.execute(statement("answer"), {"id": original.id})
        original.invalidate_recordset()
        tell(self.sudo().env, original.sudo()._outcomes())

    def _outcomes(self) -> list[Outcome]:
        return [
            Outcome(
                message.id,
                message.uuid,
                message.direction,
                message.state,
                message.failure_class or None,
                message.failure or None,
                message.flow_id.id,
                message.company_id.id,
                message.area_id.id,
                message.res_model or None,
                message.res_id or None,
            )
            for message in self
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self) -> None:
        raise UserError(self.env._("Messages are evidence and are never deleted. Cancel instead."))
