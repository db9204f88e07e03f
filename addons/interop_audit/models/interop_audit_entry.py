import json

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import sql
from ..fields import Family, Uuid
from ..lib.acts import FAMILIES, codes_named, families_by_code, label_of
from ..lib.telling import tell


class InteropAuditEntry(models.Model):
    """The audit trail for reading. Entries are written by `interop.audit` and never change."""

    _name = "interop.audit.entry"
    _description = "Audit Entry"
    _inherit = ["interop.audit.immutable"]
    _auto = False
    _log_access = False
    _order = "id desc"
    _rec_name = "act"

    @property
    def _table_query(self) -> SQL:
        return SQL(sql.READ, families=families_by_code())

    ts = fields.Datetime(
        string="Time", readonly=True, help="When it happened, by the database's clock."
    )
    txid = fields.Char(
        string="Transaction", readonly=True, help="The database transaction that wrote the entry."
    )
    act = fields.Char(
        string="Code of the act",
        readonly=True,
        help="What was done, as the engine calls it, for example message.redriven.",
    )
    act_name = fields.Char(
        string="Act",
        compute="_compute_act_name",
        search="_search_act_name",
        help="What was done, in words.",
    )
    family = Family(
        [*FAMILIES.items()],
        string="Kind of act",
        readonly=True,
        help="What kind of act it is: about messages, the reading of content, configuration …",
    )
    outcome = fields.Char(
        readonly=True, help="How it ended: ok, refused, failed, or another short word."
    )
    actor_kind = fields.Selection(
        [
            ("user", "User"),
            ("system", "System"),
            ("worker", "Worker"),
            ("partner", "Partner"),
        ],
        string="Actor",
        readonly=True,
        help="Who acted: a person, Odoo itself, a worker of the engine, or a partner's system.",
    )
    actor_id = fields.Integer(
        string="User number",
        readonly=True,
        help="Number of the user. It stays when the user is deleted.",
    )
    actor_name = fields.Char(
        string="By", readonly=True, help="Name of the actor at the time of the act."
    )
    remote_addr = fields.Char(
        string="Address", readonly=True, help="Network address that the request came from."
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, help="The company whose data was concerned."
    )
    area_id = fields.Many2one(
        "interop.area", string="Business area", readonly=True, help="The business area concerned."
    )
    res_model = fields.Char(
        string="Record type", readonly=True, help="Technical name of the kind of record concerned."
    )
    res_id = fields.Many2oneReference(
        string="Record number",
        model_field="res_model",
        readonly=True,
        help="Number of the record concerned. The record itself may be gone.",
    )
    subject = Uuid(
        string="Identity",
        readonly=True,
        help="Identity (UUID) of the message, interchange or secret concerned.",
    )
    connector = fields.Char(
        readonly=True,
        help="Code of the connector that the message went or came by.",
    )
    digest = fields.Char(
        readonly=True,
        help="Fingerprint of the content concerned. It does not tell what is in it.",
    )
    version_digest = fields.Char(
        string="Version", readonly=True, help="Fingerprint of the published version in force."
    )
    details = fields.Text(
        string="Facts",
        readonly=True,
        help="Further facts: counts, codes, a reason. Never values from a document.",
    )
    details_shown = fields.Text(
        string="Details",
        compute="_compute_details_shown",
        help="Further facts: counts, codes, a reason. Never values from a document.",
    )
    has_record = fields.Boolean(
        string="Record exists",
        compute="_compute_has_record",
        help="The record concerned can still be opened.",
    )

    @api.depends("act")
    def _compute_act_name(self):
        for entry in self:
            entry.act_name = label_of(entry.act or "")

    @api.model
    def _search_act_name(self, operator, value):
        """By a part of the words or of the code; an act that nobody registered by its code."""
        if operator == "in":
            wanted = {code for each in value if each for code in codes_named(str(each))}
            return Domain("act", "in", sorted(wanted | {each for each in value if each}))
        if operator in ("ilike", "like", "=ilike", "=like"):
            plain = str(value or "").strip("%")
            return Domain("act", "in", codes_named(plain)) | Domain("act", "=like", f"{plain}%")
        return NotImplemented

    @api.depends("details", "connector")
    def _compute_details_shown(self):
        for entry in self:
            facts = _facts(entry.details)
            if entry.connector:
                facts.pop("connector", None)  # which has a place of its own
            entry.details_shown = "\n".join(tell(facts))

    @api.depends("res_model", "res_id")
    def _compute_has_record(self):
        for entry in self:
            model = self.env.get(entry.res_model) if entry.res_id else None
            entry.has_record = model is not None and bool(model.browse(entry.res_id).exists())

    def _immutable_sentence(self) -> str:
        return self.env._(
            "The audit trail is append-only: nobody writes, changes or deletes an entry by hand. "
            "This attempt is noted in it."
        )

    def action_open_record(self) -> dict:
        """Open the record that the entry is about, with the reader's own rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }


def _facts(details: str | bool) -> dict:
    return json.loads(details) if details else {}
