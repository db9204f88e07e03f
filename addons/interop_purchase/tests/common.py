import uuid
from datetime import datetime

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_queue.tests.common import WIRE

ORDER = "interop.handler.purchase_order"
ANSWER = "interop.handler.purchase_order_acknowledgement"
GTIN = "6291041500213"


class PurchaseCase(TransactionCase):
    """A clinic, its glove supplier, three products, and the two flows between them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create(
            {
                "name": "Northfield Test Clinic",
                "currency_id": cls.env.ref("base.USD").id,
                "country_id": cls.env.ref("base.us").id,
                "vat": "US12345674",
                "street": "1 Clinic Way",
                "city": "Northfield",
                "zip": "55057",
            }
        )
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": cls.company.ids,
                "tracking_disable": True,
            }
        )
        cls.company = cls.env["res.company"].browse(cls.company.id)
        cls.company.partner_id.global_location_number = "4006381333931"
        cls.service = new_test_user(
            cls.env,
            login="test_purchase_service",
            groups="base.group_user,purchase.group_purchase_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.service.active = False
        cls.buyer = new_test_user(
            cls.env,
            login="test_purchase_buyer",
            groups="base.group_user,purchase.group_purchase_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="America/New_York",
        )
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Meridian Test Supplies", "is_company": True}
        )
        cls.supplier.interop_account_number = "ACC-77"
        cls._products()
        cls._flows()

    @classmethod
    def _products(cls):
        group = cls.env["account.tax.group"].create(
            {"name": "Test taxes", "company_id": cls.company.id}
        )
        cls.taxes = cls.env["account.tax"].create(
            [
                {
                    "name": name,
                    "amount": amount,
                    "type_tax_use": "purchase",
                    "company_id": cls.company.id,
                    "tax_group_id": group.id,
                    "country_id": cls.env.ref("base.us").id,
                }
                for name, amount in (("State 6%", 6.0), ("County 1.5%", 1.5))
            ]
        )
        box = cls.env["uom.uom"].create(
            {
                "name": "Box of 100",
                "relative_factor": 100,
                "relative_uom_id": cls.env.ref("uom.product_uom_unit").id,
                "interop_unece_code": "BX",
            }
        )
        cls.gloves, cls.syringes, cls.reagent = cls.env["product.product"].create(
            [
                {
                    "name": "Nitrile gloves M",
                    "default_code": "GLV-M",
                    "barcode": GTIN,
                    "uom_id": box.id,
                    "supplier_taxes_id": [Command.clear()],
                    "seller_ids": [
                        Command.create(
                            {
                                "partner_id": cls.supplier.id,
                                "product_code": "MER-GLV-M",
                                "price": 5.0,
                            }
                        )
                    ],
                },
                {
                    "name": "Syringe 10 ml",
                    "default_code": "SYR-10",
                    "barcode": "INTERNAL-4",
                    "supplier_taxes_id": [Command.clear()],
                },
                {
                    "name": "Troponin reagent",
                    "interop_udi_di": "06291041500213",
                    "interop_storage_condition": "refrigerated",
                    "interop_lot_required": True,
                    "interop_min_shelf_life_days": 180,
                    "supplier_taxes_id": [Command.clear()],
                },
            ]
        )

    @classmethod
    def _flows(cls):
        area = cls.env.ref("interop_base.area_purchasing")
        cls.system = cls.env["interop.system"].create(
            {"name": "Test supplier portal", "partner_id": cls.supplier.id}
        )
        cls.connector = cls.env["interop.connector"].create(
            {
                "name": "Test supplier",
                "code": "test-purchase-supplier",
                "system_id": cls.system.id,
                "company_id": cls.company.id,
                "area_id": area.id,
                "transport": WIRE.code,
            }
        )
        types = cls.env["interop.document.type"]
        common = {
            "connector_id": cls.connector.id,
            "company_id": cls.company.id,
            "area_id": area.id,
            "service_user_id": cls.service.id,
            "owner_id": False,
        }
        cls.out_flow, cls.in_flow = cls.env["interop.flow"].create(
            [
                {
                    "name": "Test orders",
                    "code": "test-purchase-orders",
                    "direction": "out",
                    "event": "purchase.order.approved",
                    "document_type_id": types._get("PurchaseOrder", "1.0").id,
                    "handler": "purchase_order",
                    "expects_answer": True,
                    **common,
                },
                {
                    "name": "Test acknowledgements",
                    "code": "test-purchase-acks",
                    "direction": "in",
                    "document_type_id": types._get("PurchaseOrderAcknowledgement", "1.0").id,
                    "handler": "purchase_order_acknowledgement",
                    **common,
                },
            ]
        )

    def order(self, confirm=True, **values):
        """Gloves 100 × 5.00 (two taxes), syringes 200 × 0.25 less 10 %, reagent 4 × 120.50."""
        planned = datetime(2027, 3, 10, 15, 0)
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "currency_id": self.env.ref("base.USD").id,
                "user_id": self.buyer.id,
                "interop_contract_number": "C-2027-5",
                "order_line": [
                    self._layout("line_section", "Consumables", 1),
                    self._line(
                        self.gloves, 100, 5.0, planned, 2, tax_ids=[Command.set(self.taxes.ids)]
                    ),
                    self._line(self.syringes, 200, 0.25, planned, 3, discount=10),
                    self._layout("line_note", "Deliver to the lab", 4),
                    self._line(self.reagent, 4, 120.5, planned, 5),
                ],
                **values,
            }
        )
        if confirm:
            order.button_confirm()
            self.assertEqual(order.state, "purchase")
        return order

    @staticmethod
    def _layout(display_type, name, sequence):
        return Command.create(
            {
                "display_type": display_type,
                "name": name,
                "sequence": sequence,
                "product_qty": 0,
            }
        )

    @staticmethod
    def _line(product, quantity, price, planned, sequence, **values):
        return Command.create(
            {
                "product_id": product.id,
                "name": product.name,
                "product_qty": quantity,
                "price_unit": price,
                "date_planned": planned,
                "sequence": sequence,
                "tax_ids": [Command.clear()],
                **values,
            }
        )

    def message(self, flow, direction, state="running", record=None, **values):
        document_type = flow.document_type_id
        return (
            self.env["interop.message"]
            .sudo()
            .create(
                {
                    "uuid": str(uuid.uuid4()),
                    "flow_id": flow.id,
                    "connector_id": flow.connector_id.id,
                    "company_id": self.company.id,
                    "area_id": flow.area_id.id,
                    "direction": direction,
                    "document_type": f"{document_type.code} {document_type.version}",
                    "state": state,
                    "res_model": record._name if record else False,
                    "res_id": record.id if record else False,
                    "created_at": fields.Datetime.now(),
                    **values,
                }
            )
        )

    def answer(self, order, *lines, **head):
        return {
            "order_number": order.name,
            "order_revision": order.interop_revision,
            "supplier_reference": "SO-4711",
            "acknowledged_at": "2027-03-01T10:15:00Z",
            "status": "accepted",
            "currency": "USD",
            "lines": list(lines)
            or [{"line_number": number, "status": "accepted"} for number in (1, 2, 3)],
            **head,
        }

    def apply(self, body, message=None):
        """Apply an acknowledgement as the engine does: as the service user, in the company."""
        message = message or self.message(self.in_flow, "in")
        problems = self.in_flow.document_type_id._validator().problems(body)
        self.assertFalse(problems, "the test's own answer must be valid")
        acting = self.env(
            user=self.service.id, su=False, context={"allowed_company_ids": self.company.ids}
        )
        handler = acting[ANSWER]
        document = Document("PurchaseOrderAcknowledgement", "1.0", body)
        document = Document(document.type, document.version, body, handler._business_key(document))
        result = handler._apply(document, acting["interop.message"].sudo().browse(message.id))
        message.write(
            {
                "state": "done",
                "business_key": document.business_key,
                "res_model": result._name,
                "res_id": result.id,
            }
        )
        self.env.flush_all()
        return message

    def exceptions(self, order):
        return self.env["interop.exception"].search(
            [("res_model", "=", "purchase.order"), ("res_id", "=", order.id)], order="id"
        )
