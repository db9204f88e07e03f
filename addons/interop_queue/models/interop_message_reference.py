from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.interop_document.lib.business_keys import KINDS

from ..engine.transaction import run
from ..lib.statements import statement

#: So many related messages are shown, the newest.
SHOWN = 80


class InteropMessageReference(models.AbstractModel):
    """The numbers in a message's document that people search for, kind by kind.

    The engine writes them (`note_keys`) while it has the document in its hands. None of them points
    to a person, so they stay when the content is purged, as business keys do.
    """

    _name = "interop.message.reference"
    _description = "Message: References"

    order_number = fields.Char(
        string="Order number",
        compute="_compute_references",
        search="_search_order_number",
        help="Numbers of orders in the document, the buyer's and the supplier's.",
    )
    invoice_number = fields.Char(
        string="Invoice number",
        compute="_compute_references",
        search="_search_invoice_number",
        help="Numbers of invoices and credit notes in the document.",
    )
    shipment_number = fields.Char(
        string="Delivery or parcel number",
        compute="_compute_references",
        search="_search_shipment_number",
        help="Numbers of deliveries in the document, and of their parcels and pallets.",
    )
    partner_number = fields.Char(
        string="Partner number or GLN",
        compute="_compute_references",
        search="_search_partner_number",
        help="Numbers by which the document names organisations and sites: GLN, customer and "
        "supplier numbers.",
    )
    item_number = fields.Char(
        string="Item number",
        compute="_compute_references",
        search="_search_item_number",
        help="Numbers of the article that a catalogue's document is about. Articles of single "
        "lines are not searched for.",
    )
    lot_number = fields.Char(
        string="Lot number",
        compute="_compute_references",
        search="_search_lot_number",
        help="Numbers of lots that were announced, received or invoiced.",
    )
    reference_text = fields.Text(
        string="References",
        compute="_compute_references",
        help="The numbers that the message is found by beside its business key. Content that is "
        "purged takes none of them away.",
    )
    related_ids = fields.Many2many(
        "interop.message",
        string="Related messages",
        compute="_compute_related_ids",
        help="Messages that you may see and that name the same order, invoice, delivery or "
        "receipt, the newest first.",
    )

    def init(self):
        self.env.cr.execute(statement("create_keys"))

    def _compute_references(self) -> None:
        found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in run(self.env.cr, "keys_of", ids=self.ids):
            found[row["message_id"]][row["kind"]].append(row["value"])
        for message in self:
            kinds = found[message._origin.id]
            message.order_number = ", ".join(kinds["order"])
            message.invoice_number = ", ".join(kinds["invoice"])
            message.shipment_number = ", ".join(kinds["shipment"])
            message.partner_number = ", ".join(kinds["partner"])
            message.item_number = ", ".join(kinds["item"])
            message.lot_number = ", ".join(kinds["lot"])
            message.reference_text = "\n".join(
                f"{_label(kind)}: {', '.join(values)}" for kind, values in kinds.items() if values
            )

    @api.model
    def _search_order_number(self, operator: str, value: object) -> Domain:
        return self._begins(operator, value, "order")

    @api.model
    def _search_invoice_number(self, operator: str, value: object) -> Domain:
        return self._begins(operator, value, "invoice")

    @api.model
    def _search_shipment_number(self, operator: str, value: object) -> Domain:
        return self._begins(operator, value, "shipment")

    @api.model
    def _search_partner_number(self, operator: str, value: object) -> Domain:
        return self._begins(operator, value, "partner")

    @api.model
    def _search_item_number(self, operator: str, value: object) -> Domain:
        return self._begins(operator, value, "item")

    @api.model
    def _search_lot_number(self, operator: str, value: object) -> Domain:
        return self._begins(operator, value, "lot")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_related_ids(self) -> None:
        for message in self:
            message.related_ids = self.search(message._related_domain(), limit=SHOWN)

    def _related_domain(self) -> Domain:
        """The messages with the same number of an order, invoice … as this one, as people see them.

        A partner's or an article's number makes no messages belong together.
        """
        own = self._origin.id
        relating = [code for code, kind in KINDS if kind.relates]

        def to_sql(model: models.BaseModel, alias: str, query: object) -> SQL:
            return SQL(
                """%(id)s = ANY(ARRAY(
                    SELECT o.message_id FROM interop_message_reference o
                     WHERE lower(o.value) = ANY(ARRAY(
                        SELECT lower(r.value) FROM interop_message_reference r
                         WHERE r.message_id = %(own)s AND r.kind = ANY(%(relating)s)))
                       AND EXISTS (
                        SELECT FROM interop_message_reference r
                         WHERE r.message_id = %(own)s AND r.kind = ANY(%(relating)s)
                           AND r.kind = o.kind AND lower(r.value) = lower(o.value))))""",
                id=SQL.identifier(alias, "id"),
                own=own or 0,
                relating=relating,
            )

        return Domain.custom(to_sql=to_sql) & Domain("id", "!=", own)


def _label(kind: str) -> str:
    return KINDS.get(kind).label if kind in KINDS else kind
