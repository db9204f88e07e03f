from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.signature import KeyProblem, PackFile, fingerprint, is_signed_by, read_public_key


class InteropPackPublisher(models.Model):
    """Somebody whose packs are taken in without further questions, by the key they sign with."""

    _name = "interop.pack.publisher"
    _description = "Trusted Publisher of Packs"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True, help="Who signs with this key.")
    public_key = fields.Text(
        required=True,
        help="The publisher's public key (Ed25519): PEM, or 32 bytes as base64. It is no secret.",
    )
    fingerprint = fields.Char(
        compute="_compute_fingerprint",
        store=True,
        tracking=True,
        help="Compare it with what the publisher tells you by telephone before you trust the key.",
    )
    active = fields.Boolean(
        default=True,
        tracking=True,
        help="Archive a publisher that is not trusted any more. What was taken in stays.",
    )
    note = fields.Text(help="How the key was checked, when and with whom.")
    _fingerprint_unique = models.UniqueIndex("(fingerprint)", "This key is known already.")

    @api.depends("public_key")
    def _compute_fingerprint(self) -> None:
        for publisher in self:
            try:
                publisher.fingerprint = fingerprint(read_public_key(publisher.public_key or ""))
            except KeyProblem:
                publisher.fingerprint = False

    @api.constrains("public_key")
    def _check_public_key(self) -> None:
        for publisher in self:
            try:
                read_public_key(publisher.public_key)
            except KeyProblem as problem:
                raise ValidationError(str(problem)) from None

    @api.model_create_multi
    def create(self, vals_list):
        publishers = super().create(vals_list)
        publishers._audit("pack.publisher.trust")
        return publishers

    def write(self, vals):
        done = super().write(vals)
        if vals:
            self._audit("pack.publisher.change")
        return done

    def unlink(self):
        self._audit("pack.publisher.distrust")
        return super().unlink()

    def _audit(self, act: str) -> None:
        for publisher in self:
            self.env["interop.audit"]._record(
                act,
                record=publisher,
                details={"fingerprint": publisher.fingerprint, "active": publisher.active},
            )

    @api.model
    def _signer_of(self, file: PackFile) -> "InteropPackPublisher":
        """The trusted publisher who signed it; none if nobody here trusts the signer."""
        for publisher in self.sudo().search([("fingerprint", "=", file.signer)]):
            if is_signed_by(file, read_public_key(publisher.public_key)):
                return publisher
        return self.browse()
