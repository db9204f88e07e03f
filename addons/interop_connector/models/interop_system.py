from odoo import api, fields, models


class InteropSystem(models.Model):
    """Another party's software. It is what people name; its connectors are how we talk to it."""

    _name = "interop.system"
    _description = "System"
    _inherit = ["mail.thread", "interop.audit.configured"]
    _order = "name, id"
    _check_company_auto = True
    _configured_noun = "system"

    name = fields.Char(
        required=True,
        tracking=True,
        help="How your people call this software, for example “Ordering portal of our glove "
        "supplier”.",
    )
    kind = fields.Selection(
        [
            ("supplier", "Supplier's ordering system"),
            ("network", "Procurement network"),
            ("wms", "Warehouse or logistics"),
            ("carrier", "Carrier"),
            ("ehr", "Electronic health record"),
            ("pharmacy", "Pharmacy"),
            ("lab", "Laboratory"),
            ("billing", "Billing engine"),
            ("clearinghouse", "Clearinghouse"),
            ("bank", "Bank"),
            ("payment", "Payment gateway"),
            ("shop", "Online shop"),
            ("crm", "Customer relations"),
            ("analytics", "Analytics"),
            ("other", "Other"),
        ],
        required=True,
        default="supplier",
        tracking=True,
        help="What the software is for. Used to group and filter; it changes nothing in how "
        "messages travel.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Operated by",
        check_company=True,
        index="btree_not_null",
        help="The organisation behind it: the supplier, payer or laboratory you would call.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="The company that works with this system. Empty: all companies share it.",
    )
    note = fields.Html(
        string="Notes",
        help="What a colleague needs to know: whom to call, support hours, contract. "
        "No passwords: they belong in the vault.",
    )
    active = fields.Boolean(default=True, help="Untick to hide a system that is no longer in use.")
    connector_ids = fields.One2many(
        "interop.connector",
        "system_id",
        string="Connectors",
        help="The configured ways to talk to this system.",
    )
    connector_count = fields.Integer(
        compute="_compute_connector_count", help="How many connectors lead to this system."
    )

    @api.depends("connector_ids")
    def _compute_connector_count(self) -> None:
        counts = dict(
            self.env["interop.connector"]._read_group(
                [("system_id", "in", self.ids)], ["system_id"], ["__count"]
            )
        )
        for system in self:
            system.connector_count = counts.get(system._origin, 0)

    def action_view_connectors(self) -> dict:
        """Open the connectors of this system."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "interop_connector.interop_connector_action"
        )
        action["domain"] = [("system_id", "=", self.id)]
        action["context"] = {"default_system_id": self.id}
        return action
