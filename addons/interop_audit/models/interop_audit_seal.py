from odoo import fields, models

from .. import sql_seals
from ..lib.evidence.seal import unpack_leaves

#: Entries that are named one by one in a list's domain.
LISTED = 5000


class InteropAuditSeal(models.Model):
    """The seals for reading. They are made by `interop.audit.sealer` and never change."""

    _name = "interop.audit.seal"
    _description = "Seal of the Audit Trail"
    _inherit = ["interop.audit.immutable"]
    _auto = False
    _log_access = False
    _order = "id desc"
    _rec_name = "number"
    _table_query = sql_seals.READ

    number = fields.Integer(
        readonly=True, help="Seals are numbered from 1 without gaps: a missing one is noticed."
    )
    sealed_at = fields.Datetime(string="Sealed", readonly=True, help="When the seal was made.")
    count = fields.Integer(
        string="Entries", readonly=True, aggregator="sum", help="How many entries it holds."
    )
    total = fields.Integer(
        string="Entries so far",
        readonly=True,
        aggregator="max",
        help="How many entries this seal and all before it hold.",
    )
    first_id = fields.Integer(
        string="First entry", readonly=True, aggregator=None, help="Least number of an entry in it."
    )
    last_id = fields.Integer(
        string="Last entry",
        readonly=True,
        aggregator=None,
        help="Greatest number of an entry in it.",
    )
    epoch = fields.Integer(
        readonly=True,
        aggregator=None,
        help="A new epoch begins when the database comes to stand somewhere else, for example "
        "after a restore.",
    )
    kind = fields.Selection(
        [("range", "What was new"), ("bridge", "From before the epoch")],
        readonly=True,
        help="What was new: entries since the seal before. From before the epoch: entries that "
        "were there, and in no seal, when the epoch began.",
    )
    root = fields.Char(
        string="Merkle root",
        readonly=True,
        help="Fingerprint of all its entries together. Nobody can change one without changing it.",
    )
    previous = fields.Char(
        string="Seal before", readonly=True, help="Fingerprint of the seal before: a chain."
    )
    key = fields.Char(
        string="Public key",
        readonly=True,
        help="Its signature is checked with this key (Ed25519). The key that signs lies in the "
        "keyring, outside the database.",
    )
    statement = fields.Text(
        readonly=True, help="What was signed, byte by byte. The formats are in the documentation."
    )
    signature = fields.Char(readonly=True, help="The signature of the statement.")
    endorsement = fields.Char(
        readonly=True,
        help="When the key was changed: the former key's signature of the same statement, so that "
        "who trusted that one can trust this one.",
    )

    def _immutable_sentence(self) -> str:
        return self.env._(
            "Seals are made by the sealer alone and never change. This attempt is noted in the "
            "audit trail."
        )

    def action_view_entries(self) -> dict:
        """Open the entries that the seal holds, as far as the reader may see them."""
        self.ensure_one()
        self.env.cr.execute(sql_seals.LEAVES_OF, [self.number])
        row = self.env.cr.fetchone()
        ids = unpack_leaves(bytes(row[0]))[0] if row else []
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_audit.interop_audit_entry_action"
        )
        return action | {
            "domain": [("id", "in", ids)] if len(ids) <= LISTED else _between(ids),
            "context": {},
        }


def _between(ids: list[int]) -> list[tuple]:
    """Too many to name them all: their span, in which single entries may be of other seals."""
    return [("id", ">=", min(ids)), ("id", "<=", max(ids))]
