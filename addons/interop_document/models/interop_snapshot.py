import json
from collections.abc import Mapping
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.interop_base.lib.failures import InternalError

from .. import sql
from ..lib.canonical import canonical_json, digest


class InteropSnapshot(models.Model):
    """Published content, addressed by its digest and never changed.

    A database trigger refuses changes. There are no Many2one and no log fields: they would make
    deleting a user or a company fail.
    """

    _name = "interop.snapshot"
    _description = "Published Snapshot"
    _inherit = ["interop.audit.immutable"]
    _order = "id desc"
    _rec_name = "digest"
    _log_access = False

    digest = fields.Char(
        required=True,
        readonly=True,
        help="SHA-256 of the text. Equal digests mean equal content, to the last letter.",
    )
    kind = fields.Char(
        required=True, readonly=True, index=True, help="What was published, for example a flow."
    )
    text = fields.Text(
        required=True,
        readonly=True,
        help="The content as canonical JSON: sorted names, no spaces. The digest is made of this.",
    )
    pretty_text = fields.Text(
        string="Content",
        compute="_compute_pretty_text",
        help="The content set out for reading.",
    )
    size = fields.Integer(readonly=True, help="Length of the text in bytes.")
    created_at = fields.Datetime(
        string="Published on", readonly=True, help="When this content was published first."
    )
    # No Many2one: see the class.
    created_by = fields.Integer(
        string="Published by (user ID)", readonly=True, help="The user who published it first."
    )

    publisher = fields.Char(
        string="Published by",
        compute="_compute_publisher",
        help="Who published this content first.",
    )

    _digest_unique = models.UniqueIndex("(digest)", "This content is published already.")

    def init(self):
        self.env.cr.execute(sql.GUARD)

    @api.depends("text")
    def _compute_pretty_text(self) -> None:
        for snapshot in self:
            value = json.loads(snapshot.text or "{}")
            snapshot.pretty_text = json.dumps(value, indent=2, ensure_ascii=False)

    @api.depends("created_by")
    def _compute_publisher(self) -> None:
        users = self.env["res.users"].sudo().browse(self.mapped("created_by")).exists()
        names = {user.id: user.name for user in users}
        for snapshot in self:
            snapshot.publisher = names.get(
                snapshot.created_by, self.env._("User %s, deleted", snapshot.created_by)
            )

    @api.depends("kind", "digest")
    def _compute_display_name(self) -> None:
        for snapshot in self:
            snapshot.display_name = f"{snapshot.kind} {(snapshot.digest or '')[:12]}"

    @api.model
    def _publish(self, kind: str, value: Mapping[str, Any]) -> "InteropSnapshot":
        """The snapshot that holds `value`: the one that exists, or a new one.

        Raises `DataError` if `value` is not plain JSON.
        """
        data = canonical_json(value)
        digested = digest(data)
        self.env.cr.execute(
            sql.PUBLISH,
            {
                "digest": digested,
                "kind": kind,
                "text": data.decode(),
                "size": len(data),
                "user": self.env.uid,
            },
        )
        return self.search([("digest", "=", digested)])

    def _value(self) -> dict[str, Any]:
        """The published content. Raises `InternalError` if it is not what was published."""
        self.ensure_one()
        if digest(self.text.encode()) != self.digest:
            raise InternalError("A published snapshot was tampered with; publish the flow anew.")
        return json.loads(self.text)

    @api.constrains("digest", "text")
    def _check_digest(self) -> None:
        for snapshot in self:
            if digest(snapshot.text.encode()) != snapshot.digest:
                raise ValidationError(
                    self.env._("Snapshots are written by publishing a flow, never by hand.")
                )

    def _immutable_sentence(self) -> str:
        return self.env._(
            "A published snapshot is never changed or deleted, and only publishing makes one."
        )
