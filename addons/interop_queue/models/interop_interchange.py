from odoo import fields, models

from ..lib.states import DIRECTIONS


class InteropInterchange(models.Model):
    """One payload that travels as a whole, with its attempts. The bytes are in the vault."""

    _name = "interop.interchange"
    _description = "Interchange"
    _order = "id desc"
    _rec_name = "uuid"
    _log_access = False

    uuid = fields.Char(required=True, readonly=True, help="The payload's own identity.")
    connector_id = fields.Many2one(
        "interop.connector", required=True, readonly=True, ondelete="restrict",
        help="The way it came or went.",
    )  # fmt: skip
    flow_id = fields.Many2one(
        "interop.flow", readonly=True, ondelete="restrict", index=True, help="The flow it is of."
    )
    company_id = fields.Many2one("res.company", readonly=True, help="The company it concerns.")
    area_id = fields.Many2one("interop.area", readonly=True, help="The business area.")
    direction = fields.Selection(
        DIRECTIONS, required=True, readonly=True, help="To the partner or from the partner."
    )
    sender_ref = fields.Char(
        string="Sender's id",
        readonly=True,
        help="The partner's own id of this delivery. The same id twice is one delivery.",
    )
    idempotency_key = fields.Char(
        readonly=True,
        help="The key we send along. It never changes, so that the partner can recognise a repeat.",
    )
    control_number = fields.Char(
        readonly=True, index="btree_not_null",
        help="The number that this payload carries by its standard, as an EDI envelope does. The "
        "same on every try. The partner names it when it asks for a payload or answers to one.",
    )  # fmt: skip
    control_numbers = fields.Char(
        string="All control numbers", readonly=True,
        help="By kind: of the payload, of its groups, of the first document in it.",
    )  # fmt: skip
    control_partner = fields.Char(
        string="Sender and receiver", readonly=True,
        help="The ids of both as they stand in the partner's payload.",
    )  # fmt: skip
    number_verdict = fields.Selection(
        [
            ("first", "New"),
            ("duplicate", "Came twice"),
            ("clash", "Number used twice"),
        ],
        string="Control number is", readonly=True, index="btree_not_null",
        help="Came twice: the same number and content were here before, so nothing was applied "
        "again. Number used twice: the number was here before with other content.",
    )  # fmt: skip
    repeats_id = fields.Many2one(
        "interop.interchange", readonly=True, ondelete="set null", index="btree_not_null",
        help="The payload that had this control number before.",
    )  # fmt: skip
    content_type = fields.Char(readonly=True, help="The format of the payload, as declared.")
    size = fields.Integer(readonly=True, help="Size of the payload in bytes.")
    document_count = fields.Integer(
        string="Documents", readonly=True,
        help="How many documents the payload carries. Empty: it has not been decoded yet.",
    )  # fmt: skip
    digest = fields.Char(
        readonly=True, help="Keyed digest of the payload: proves later what travelled."
    )
    shapes = fields.Char(
        string="Forms of its documents", readonly=True,
        help="Which fields its documents have, as fingerprints in the order of the documents. The "
        "audit trail names the fields by them.",
    )  # fmt: skip
    version_digest = fields.Char(
        string="Made by version", readonly=True,
        help="Fingerprint of the published version of the flow that made the payload.",
    )  # fmt: skip
    state = fields.Selection(
        [
            ("prepared", "Prepared"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("mixed", "Partly"),
            ("received", "Received"),
            ("applied", "Applied"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        help="What became of the payload as a whole. Partly: some of its documents were taken, "
        "others were not; the messages say which.",
    )
    acknowledgement_state = fields.Selection(
        [
            ("none", "None needed"),
            ("ready", "Ready to be sent"),
            ("sent", "Sent"),
            ("failed", "Could not be made"),
        ],
        string="Technical acknowledgement", readonly=True,
        help="The receipt that the format asks for (an X12 997, an HL7 ACK): says which documents "
        "were taken. Empty: the documents are still being worked on. The receipt itself is sealed.",
    )  # fmt: skip
    remote_addr = fields.Char(
        string="Came from", readonly=True, help="The network address it was received from."
    )
    created_at = fields.Datetime(
        string="Stored at", readonly=True, help="When it was prepared or received."
    )
    purged_at = fields.Datetime(
        string="Content purged", readonly=True,
        help="When the payload, the reply and the acknowledgement were destroyed for good: the "
        "time of all documents in it was over. The digest stays.",
    )  # fmt: skip
    attempt_ids = fields.One2many(
        "interop.attempt", "interchange_id", readonly=True, help="Each try to move it."
    )
    message_ids = fields.One2many(
        "interop.message", "interchange_id", readonly=True, help="The messages it carries."
    )

    _uuid_unique = models.UniqueIndex("(uuid)")
    # A worker that died left a payload behind: its message finds it by the key.
    _key = models.Index("(idempotency_key) WHERE direction = 'out'")
    _received = models.Index("(id) WHERE direction = 'in' AND state = 'received'")
    # One delivery of a sender makes one interchange, however often and at once it is repeated.
    _sender_ref_unique = models.UniqueIndex(
        "(flow_id, sender_ref) WHERE direction = 'in'", "This delivery was received before."
    )
