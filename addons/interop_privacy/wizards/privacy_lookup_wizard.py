from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.interop_base.lib.failures import InteropError


class PrivacyLookupWizard(models.TransientModel):
    """Odoo's own lookup also finds messages by whom they are about, and counts tokens."""

    _inherit = "privacy.lookup.wizard"

    interop_token_count = fields.Integer(
        string="Tokens at partners",
        compute="_compute_interop_token_count",
        help="Tokens that stand for the person at partners and can be turned back. A privacy "
        "request erases them.",
    )

    def _get_query(self) -> SQL:
        """And messages by the blind index; those of the business partner are found already."""
        query = super()._get_query()
        ids = self.env["interop.persons"]._messages_by(self._interop_digests())
        self.env["interop.audit"]._record("person.search", details={"found": len(ids)})
        if not ids:
            return query
        return SQL(
            """%s
            UNION ALL
            SELECT %s AS res_model_id, m.id AS res_id, TRUE AS is_active
              FROM interop_message m
             WHERE m.id = ANY(%s)
               AND (m.partner_id IS NULL
                    OR m.partner_id NOT IN (SELECT id FROM indirect_references))
            """,
            query,
            self.env["ir.model"]._get_id("interop.message"),
            ids,
        )

    def _compute_interop_token_count(self) -> None:
        for wizard in self:
            tokens = wizard.sudo().env["interop.vault.tokens"]
            digests = wizard._interop_digests() if wizard.line_ids else []
            wizard.interop_token_count = tokens._about(digests=digests)["count"]

    def action_interop_request(self) -> dict[str, Any]:
        """A privacy request about the same person, for who may handle one."""
        self.ensure_one()
        request = self.env["interop.privacy.request"].create(
            {
                "name": self.env._("Privacy lookup %s", self.id),
                "identifiers": f"{self.name}\n{self.email}",
            }
        )
        return request._get_records_action()

    def _interop_digests(self) -> list[str]:
        try:
            return self.env["interop.persons"]._digests([self.name, self.email])
        except InteropError as error:
            raise UserError(error.sentence) from None
