from typing import Any, Self

from odoo import api, fields, models

from ..lib.identifiers import clean_gtin, clean_udi_di


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    interop_line_number = fields.Integer(
        string="Line No.",
        readonly=True,
        copy=False,
        help="The number under which partners know this line. It never changes and is never given "
        "to another line of the order.",
    )
    interop_status = fields.Selection(
        [
            ("accepted", "Accepted"),
            ("backordered", "Back-ordered"),
            ("changed", "Changed"),
            ("rejected", "Rejected"),
        ],
        string="Answer",
        readonly=True,
        copy=False,
        help="What the supplier said about this line in its latest acknowledgement.",
    )
    interop_accepted_qty = fields.Float(
        string="Accepted",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Quantity that the supplier will deliver as ordered.",
    )
    interop_backordered_qty = fields.Float(
        string="Back-ordered",
        digits="Product Unit",
        readonly=True,
        copy=False,
        help="Quantity that the supplier will deliver later.",
    )
    interop_promised_date = fields.Date(
        string="Promised",
        readonly=True,
        copy=False,
        help="Delivery date that the supplier promised. The expected arrival changes only when a "
        "person accepts it or a rule of the source of truth takes it.",
    )
    interop_backorder_date = fields.Date(
        string="Back-order Date",
        readonly=True,
        copy=False,
        help="Delivery date that the supplier promised for what is back-ordered.",
    )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Self:
        lines = super().create(vals_list)
        # Lines added to an order that partners know already continue its numbering at once.
        lines.order_id.filtered("interop_last_line_number")._interop_number_lines()
        return lines

    def _interop_travels(self) -> Self:
        """The lines that a document carries: real goods and services, not layout, not advances.

        They go on sharing the prefetch of all lines; a plain `filtered` would cut it to one order.
        """
        return self.filtered(
            lambda line: not line.display_type and not line.is_downpayment and line.product_id
        ).with_prefetch(self._prefetch_ids)

    def _interop_price_includes_tax(self) -> bool:
        self.ensure_one()
        return any(self.tax_ids.mapped("price_include"))

    def _interop_unit_price(self) -> float:
        """The unit price as documents carry it: before discount, without taxes."""
        self.ensure_one()
        if not self._interop_price_includes_tax():
            return self.price_unit
        quantity = self.product_qty * (1 - self.discount / 100)
        return self.price_subtotal / quantity if quantity else 0.0

    def _interop_requested_date(self) -> Any:
        """The day we want the goods, in the order's own time zone; None if none is set."""
        self.ensure_one()
        return self.order_id._interop_day(self.date_planned)

    def _interop_item(self) -> dict[str, str | None]:
        """The keys of this line's item, as documents carry them."""
        self.ensure_one()
        product = self.product_id
        seller = self._interop_seller()
        return {
            "name": product.name,
            "gtin": clean_gtin(product.barcode),
            "udi_di": clean_udi_di(product.interop_udi_di),
            "supplier_item_code": seller.product_code or None,
            "buyer_item_code": product.default_code or None,
        }

    def _interop_seller(self) -> models.Model:
        """The supplier's own entry for this product, the variant's before the template's.

        Not `selected_seller_id`: that asks for price breaks and dates too, line by line, and a
        supplier's item code does not depend on them.
        """
        supplier = self.order_id.partner_id.commercial_partner_id
        company = self.order_id.company_id
        sellers = self.product_id.seller_ids.filtered(
            lambda seller: (
                seller.partner_id.commercial_partner_id == supplier
                and seller.company_id in (company, self.env["res.company"])
                and seller.product_id in (self.product_id, self.env["product.product"])
            )
        )
        return sellers.sorted(lambda seller: (not seller.product_id, not seller.product_code))[:1]
