from odoo import fields, models

from ..lib.parts import PARTS
from ..lib.statements import statement


class InteropFlowVersionPart(models.Model):
    """One part of a published version: which policy, mapping or connector, and in which form."""

    _name = "interop.flow.version.part"
    _description = "Part of a Flow Version"
    _inherit = ["interop.audit.immutable"]
    _order = "version_id, id"
    _log_access = False

    version_id = fields.Many2one(
        "interop.flow.version",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
        help="The version this is a part of.",
    )
    part = fields.Char(
        string="Part's code", required=True, readonly=True, help="Which part of the version."
    )
    label = fields.Char(string="Part", compute="_compute_label", help="What people call this part.")
    name = fields.Char(readonly=True, help="What it was called when it was published.")
    digest = fields.Char(
        required=True,
        readonly=True,
        help="SHA-256 of this part. Versions with equal digests use the very same part.",
    )
    # A plain number: what a version was made of may be deleted later.
    res_id = fields.Integer(readonly=True, help="The record it was made of.")

    _part_unique = models.UniqueIndex("(version_id, part)")
    _record_index = models.Index("(part, res_id)")

    def init(self):
        # Made together with the versions' own guard, which brings the function.
        self.env.cr.execute(statement("guard_version_parts"))

    def _immutable_sentence(self) -> str:
        return self.env._("A published version is never changed or deleted. Publish a new one.")

    def _compute_label(self) -> None:
        for part in self:
            part.label = PARTS.get(part.part, part.part)
