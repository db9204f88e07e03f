from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from odoo import models
from odoo.tools import email_normalize, html2plaintext

from odoo.addons.interop_base.lib.failures import DataError
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_queue.lib.handlers import HANDLERS, HandlerSpec

from ..lib.amounts import as_json, exact, prune, round_money
from ..lib.identifiers import clean_gln
from ..lib.storage import cold_chain

HANDLERS.register(
    "purchase_order",
    HandlerSpec(
        code="purchase_order",
        label="Purchase order",
        model="interop.handler.purchase_order",
        document_type="PurchaseOrder",
        direction="out",
    ),
)


UNCONFIRMED = ("draft", "sent", "to approve")


class HandlerPurchaseOrder(models.AbstractModel):
    """Composes PurchaseOrder 1.0 documents from orders. Reads only."""

    _name = "interop.handler.purchase_order"
    _description = "Purchase Orders to Suppliers"
    _inherit = ["interop.handler"]

    _composes = "purchase.order"
    _happened = (("state", "=", "purchase"),)

    def _compose(self, records: models.Model) -> list[Document]:
        """One document per order, in the order given.

        Orders share one prefetch, so that a hundred cost about as many queries as one.
        """
        return [self._document(order.with_company(order.company_id)) for order in records]

    def _business_key(self, document: Document) -> str:
        return f"{document.body['number']}/{document.body['revision']}"

    def _concerns(self, record: models.Model, flow_id: int) -> bool:
        """An order leaves for its own supplier only.

        A system that names no organisation is a network that serves many suppliers: it gets all.
        """
        system = self.env["interop.flow"].sudo().browse(flow_id).connector_id.system_id
        supplier = system.partner_id.commercial_partner_id
        return not supplier or record.partner_id.commercial_partner_id == supplier

    def _make_ready(self, record: models.Model) -> None:
        """An order that was confirmed before Interop was there has no line numbers yet."""
        if not record.interop_last_line_number:
            record._interop_number_lines()

    def _order_key(self, record: models.Model) -> str:
        """Revisions of one order reach the supplier in the order they were made."""
        return f"purchase.order:{record.id}"

    def _document(self, order: models.Model) -> Document:
        lines = [line for line in order.order_line._interop_travels() if line.product_qty]
        if not lines:
            raise DataError("The order has no line with a quantity, so there is nothing to send.")
        # Asked about before it is confirmed: with the numbers that the confirmation gives.
        coming = order._interop_line_numbers() if order.state in UNCONFIRMED else {}
        body: dict[str, Any] = prune(
            {
                **self._head(order),
                **self._parties(order),
                "lines": [self._line(order, line, coming.get(line.id)) for line in lines],
                "totals": {
                    "net": self._money(order, order.amount_untaxed),
                    "tax": self._money(order, order.amount_tax),
                    "gross": self._money(order, order.amount_total),
                },
            }
        )
        key = f"{order.name}/{body['revision']}"
        return Document(type="PurchaseOrder", version="1.0", body=body, business_key=key)

    def _head(self, order: models.Model) -> dict[str, Any]:
        return {
            "number": order.name,
            "revision": order.interop_revision,
            "ordered_at": self._instant(order.date_approve or order.date_order),
            "currency": order.currency_id.name,
            "contract_number": order.interop_contract_number or None,
            "payment_terms": order.payment_term_id.name or None,
            "incoterm": order.incoterm_id.code or None,
            "requested_date": self._day(order._interop_day(order.date_planned)),
            "notes": html2plaintext(order.note).strip() if order.note else None,
        }

    # -- parties --------------------------------------------------------------

    def _parties(self, order: models.Model) -> dict[str, Any]:
        company = order.company_id
        supplier = order.partner_id
        ship_to = order._interop_ship_to()
        buyer = company.partner_id
        return {
            "buyer": {
                "name": company.name,
                "gln": clean_gln(buyer.global_location_number),
                "tax_id": company.vat or None,
                "reference": order.origin or None,
                "address": self._address(buyer),
            },
            "bill_to": {
                "name": company.name,
                "gln": clean_gln(buyer.global_location_number),
                "address": self._address(buyer),
            },
            "ship_to": {
                "name": ship_to.display_name or company.name,
                "gln": clean_gln(ship_to.global_location_number),
                "address": self._address(ship_to),
                "contact": self._contact(order),
            },
            "supplier": {
                "name": supplier.commercial_partner_id.name,
                "gln": clean_gln(supplier.global_location_number)
                or clean_gln(supplier.commercial_partner_id.global_location_number),
                "account_number": supplier.commercial_partner_id.interop_account_number or None,
            },
        }

    def _address(self, partner: models.Model) -> dict[str, str | None]:
        return {
            "street": partner.street or None,
            "street2": partner.street2 or None,
            "city": partner.city or None,
            "zip": partner.zip or None,
            "state": partner.state_id.code or None,
            "country": partner.country_id.code or None,
        }

    def _contact(self, order: models.Model) -> dict[str, str | None]:
        person = order.user_id.partner_id
        return {
            "name": person.name or None,
            "phone": person.phone or None,
            "email": email_normalize(person.email) or None if person.email else None,
        }

    # -- lines ----------------------------------------------------------------

    def _line(self, order: models.Model, line: models.Model, coming: int | None) -> dict[str, Any]:
        product = line.product_id
        return {
            "line_number": coming or line.interop_line_number,
            "line_id": str(line.id),
            "item": line._interop_item(),
            "quantity": as_json(line.product_qty),
            "uom": {
                "code": line.product_uom_id.interop_unece_code or None,
                "name": line.product_uom_id.name,
            },
            "unit_price": self._money(order, line._interop_unit_price(), price=True),
            "discount_percent": as_json(line.discount) if line.discount else None,
            "taxes": self._taxes(order, line),
            "net_amount": self._money(order, line.price_subtotal),
            "requested_date": self._day(line._interop_requested_date()),
            "lot": self._lot(product),
            "cold_chain": cold_chain(product.interop_storage_condition),
            "notes": self._line_notes(line),
        }

    def _lot(self, product: models.Model) -> dict[str, Any] | None:
        shelf_life = product.interop_min_shelf_life_days
        if not (product.interop_lot_required or shelf_life):
            return None
        return {
            "required": True,
            "expiry_required": bool(shelf_life),
            "min_shelf_life_days": shelf_life or None,
        }

    def _line_notes(self, line: models.Model) -> str | None:
        """What stands below the product's name in the description: instructions for this line."""
        first, _, rest = (line.name or "").partition("\n")
        return rest.strip() or None

    def _taxes(self, order: models.Model, line: models.Model) -> list[dict[str, Any]]:
        """Every tax of the line with its own amount."""
        taxes = line.tax_ids
        if len(taxes) == 1 and taxes.amount_type != "group":
            return [self._tax(order, taxes, line.price_tax)]
        if not taxes:
            return []
        AccountTax = self.env["account.tax"]
        base_line = line._prepare_base_line_for_taxes_computation()
        AccountTax._add_tax_details_in_base_line(base_line, order.company_id)
        AccountTax._round_base_lines_tax_details([base_line], order.company_id)
        return [
            self._tax(order, detail["tax"], detail["tax_amount_currency"])
            for detail in base_line["tax_details"]["taxes_data"]
        ]

    def _tax(self, order: models.Model, tax: models.Model, amount: float) -> dict[str, Any]:
        return {
            "name": tax.name,
            "percent": as_json(tax.amount) if self._has_percent(tax) else None,
            "amount": self._money(order, amount),
        }

    def _has_percent(self, tax: models.Model) -> bool:
        return tax.amount_type in ("percent", "division") and tax.amount >= 0

    # -- values ---------------------------------------------------------------

    def _money(self, order: models.Model, amount: float, price: bool = False) -> dict[str, Any]:
        """Amounts are rounded as the currency is; unit prices may be finer (a glove: 0.0425)."""
        number = exact(amount)
        if not price:
            number = round_money(number, Decimal(str(order.currency_id.rounding)))
        return {"amount": as_json(number), "currency": order.currency_id.name}

    def _instant(self, moment: datetime) -> str:
        return moment.replace(microsecond=0, tzinfo=UTC).isoformat().replace("+00:00", "Z")

    def _day(self, day: Any) -> str | None:
        return day.isoformat() if day else None
