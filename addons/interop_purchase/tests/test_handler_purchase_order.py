from odoo import Command
from odoo.tests import tagged

from odoo.addons.interop_base.lib.failures import DataError

from .common import GTIN, ORDER, PurchaseCase


@tagged("post_install", "-at_install")
class TestHandlerPurchaseOrder(PurchaseCase):
    def compose(self, orders):
        acting = self.env(
            user=self.service.id, su=False, context={"allowed_company_ids": self.company.ids}
        )
        return acting[ORDER]._compose(acting["purchase.order"].browse(orders.ids))

    def body(self, order):
        [document] = self.compose(order)
        return document.body

    def test_the_document_is_valid_against_its_type(self):
        body = self.body(self.order())
        problems = self.out_flow.document_type_id._validator().problems(body)
        self.assertEqual([str(problem) for problem in problems], [])

    def test_a_draft_is_asked_about_with_the_numbers_that_its_confirmation_gives(self):
        order = self.order(confirm=False)
        asked = self.body(order)
        problems = self.out_flow.document_type_id._validator().problems(asked)
        self.assertEqual([str(problem) for problem in problems], [])
        self.assertEqual(order.order_line.mapped("interop_line_number"), [0] * 5)
        order.button_confirm()
        self.assertEqual(
            [(line["line_id"], line["line_number"]) for line in asked["lines"]],
            [(line["line_id"], line["line_number"]) for line in self.body(order)["lines"]],
        )

    def test_every_field_it_fills_is_known_to_the_document_type(self):
        def leaves(value, path=""):
            if isinstance(value, dict):
                for key, member in value.items():
                    yield from leaves(member, f"{path}.{key}" if path else key)
            elif isinstance(value, list):
                for member in value:
                    yield from leaves(member, f"{path}[]")
            else:
                yield path

        known = self.out_flow.document_type_id._sensitivities()
        self.assertEqual(set(leaves(self.body(self.order()))) - set(known), set())

    def test_the_order_names_what_a_medical_supplier_needs(self):
        order = self.order()
        body = self.body(order)
        self.assertEqual(body["number"], order.name)
        self.assertEqual(body["revision"], 0)
        self.assertEqual(body["contract_number"], "C-2027-5")
        self.assertEqual(body["buyer"]["name"], "Northfield Test Clinic")
        self.assertEqual(body["buyer"]["gln"], "4006381333931")
        self.assertEqual(body["supplier"]["account_number"], "ACC-77")
        self.assertRegex(body["ordered_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        gloves, syringes, reagent = body["lines"]
        self.assertEqual(
            gloves["item"],
            {
                "name": "Nitrile gloves M",
                "gtin": GTIN,
                "supplier_item_code": "MER-GLV-M",
                "buyer_item_code": "GLV-M",
            },
        )
        self.assertEqual(gloves["uom"], {"code": "BX", "name": "Box of 100"})
        self.assertEqual(gloves["requested_date"], "2027-03-10")
        self.assertNotIn("gtin", syringes["item"], "a barcode that is no GTIN stays at home")
        self.assertEqual(reagent["item"]["udi_di"], "06291041500213")
        self.assertEqual(
            reagent["lot"],
            {"required": True, "expiry_required": True, "min_shelf_life_days": 180},
        )
        self.assertEqual(
            reagent["cold_chain"],
            {"required": True, "condition": "refrigerated", "min_celsius": 2, "max_celsius": 8},
        )

    def test_sections_notes_and_lines_without_quantity_do_not_travel(self):
        order = self.order()
        order._interop_line(2).product_qty = 0
        self.assertEqual([line["line_number"] for line in self.body(order)["lines"]], [1, 3])

    def test_money_is_rounded_as_the_currency_and_every_tax_has_its_amount(self):
        body = self.body(self.order())
        gloves, syringes, _reagent = body["lines"]
        self.assertEqual(
            gloves["taxes"],
            [
                {
                    "name": "State 6%",
                    "percent": 6,
                    "amount": {"amount": 30, "currency": "USD"},
                },
                {
                    "name": "County 1.5%",
                    "percent": 1.5,
                    "amount": {"amount": 7.5, "currency": "USD"},
                },
            ],
        )
        self.assertEqual(syringes["unit_price"], {"amount": 0.25, "currency": "USD"})
        self.assertEqual(syringes["discount_percent"], 10)
        self.assertEqual(syringes["net_amount"], {"amount": 45, "currency": "USD"})
        self.assertEqual(
            {name: amount["amount"] for name, amount in body["totals"].items()},
            {"net": 1027, "tax": 37.5, "gross": 1064.5},
        )

    def test_a_currency_without_cents_has_none(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        order = self.order(
            currency_id=yen.id,
            order_line=[self._line(self.gloves, 3, 33.4, "2027-03-10 12:00:00", 1)],
        )
        [line] = self.body(order)["lines"]
        self.assertEqual(line["unit_price"], {"amount": 33.4, "currency": "JPY"})
        self.assertEqual(line["net_amount"], {"amount": 100, "currency": "JPY"})

    def test_a_price_with_taxes_inside_leaves_without_them(self):
        inside = self.taxes[0].copy({"price_include_override": "tax_included"})
        order = self.order(
            order_line=[
                self._line(
                    self.gloves,
                    10,
                    10.6,
                    "2027-03-10 12:00:00",
                    1,
                    tax_ids=[Command.set(inside.ids)],
                )
            ]
        )
        [line] = self.body(order)["lines"]
        self.assertEqual(line["unit_price"]["amount"], 10)
        self.assertEqual(line["net_amount"]["amount"], 100)

    def test_the_requested_day_is_that_of_the_buyer(self):
        # 02:00 UTC on the 11th is still the 10th in New York.
        order = self.order(order_line=[self._line(self.gloves, 1, 5, "2027-03-11 02:00:00", 1)])
        self.assertEqual(self.body(order)["lines"][0]["requested_date"], "2027-03-10")

    def test_an_order_without_quantities_is_a_fault_in_the_data(self):
        order = self.order()
        order._interop_line(1).product_qty = 0
        order._interop_line(2).product_qty = 0
        order._interop_line(3).product_qty = 0
        with self.assertRaisesRegex(DataError, "no line with a quantity"):
            self.compose(order)

    def test_documents_come_in_the_order_of_the_records_with_their_keys(self):
        first, second = self.order(), self.order()
        documents = self.compose(second + first)
        self.assertEqual(
            [document.business_key for document in documents],
            [f"{second.name}/0", f"{first.name}/0"],
        )

    def test_revisions_of_one_order_leave_one_after_the_other(self):
        first, second = self.order(), self.order()
        handler = self.env[ORDER]
        self.assertNotEqual(handler._order_key(first), handler._order_key(second))
        self.assertEqual(handler._order_key(first), handler._order_key(first.sudo()))

    def test_composing_a_batch_costs_about_as_many_queries_as_one(self):
        def order():
            supplier = self.supplier.copy({"name": "Another test supplier"})
            lines = [
                self._line(
                    product,
                    10,
                    5.0,
                    "2027-03-10 12:00:00",
                    1,
                    tax_ids=[Command.set(self.taxes.ids)],
                )
                for product in self.env["product.product"].create(
                    [
                        {
                            "name": "Another product",
                            "seller_ids": [
                                Command.create({"partner_id": supplier.id, "product_code": "X"})
                            ],
                        }
                        for _each in range(3)
                    ]
                )
            ]
            return self.order(partner_id=supplier.id, order_line=lines)

        orders = self.env["purchase.order"].concat(*(order() for _each in range(21)))

        def cost(batch):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.compose(batch)
            return self.cr.sql_log_count - before

        cost(orders[:1])
        one, twenty = cost(orders[:1]), cost(orders[1:])
        self.assertLessEqual(twenty, one + 6, f"one order {one} queries, twenty {twenty}")
        self.assertLessEqual(one, 40)
