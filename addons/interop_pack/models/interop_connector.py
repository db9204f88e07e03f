from typing import Any

from odoo import fields, models


class InteropConnector(models.Model):
    """What packs add to a connector: where it came from, and what remains to be done."""

    _inherit = "interop.connector"

    pack_clone_ids = fields.One2many(
        "interop.pack.clone", "connector_id", help="The pack that it was made from, if any."
    )
    pack_guide_html = fields.Html(
        string="Guide",
        compute="_compute_pack",
        help="What to arrange with the partner; it came with the pack.",
    )
    pack_remaining_html = fields.Html(
        string="What remains",
        compute="_compute_pack",
        help="What has still to be done before messages can travel.",
    )

    def _compute_pack(self) -> None:
        for connector in self:
            clone = connector.pack_clone_ids[:1]
            connector.pack_guide_html = clone.guide_html
            connector.pack_remaining_html = clone and self.env["ir.qweb"]._render(
                "interop_pack.remaining", {"remaining": clone._remaining()}
            )

    def action_clone_pack(self) -> dict[str, Any]:
        """Open the wizard for another partner, company or site, filled in as this one was."""
        self.ensure_one()
        return self.pack_clone_ids[:1].action_clone()

    def action_make_pack(self) -> dict[str, Any]:
        """Open the wizard that makes a pack from this connector."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Make a pack from this connector"),
            "res_model": "interop.pack.export",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_connector_id": self.id},
        }
