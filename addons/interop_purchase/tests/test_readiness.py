from odoo import Command
from odoo.tests import tagged

from odoo.addons.interop_queue.lib.readiness import CHECKS, MISSING, READY, WARNING, worst

from .common import PurchaseCase


@tagged("post_install", "-at_install")
class TestReadiness(PurchaseCase):
    """What orders and answers need in Odoo: ready, and what is said if something is not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env["interop.policy"].create(
            {
                "name": "All",
                "document_type_id": cls.out_flow.document_type_id.id,
                "company_id": cls.company.id,
                "area_id": cls.out_flow.area_id.id,
                "rule_ids": [Command.create({"path": "**", "action": "send"})],
            }
        )
        cls.connector.clearance = "confidential"
        cls.out_flow.policy_id = cls.policy
        cls.journal = cls.env["account.journal"].create(
            {
                "name": "Test bills",
                "code": "TBILL",
                "type": "purchase",
                "company_id": cls.company.id,
            }
        )

    def assertFound(self, code, status, part="", target=None, flow=None):
        found = [each for each in (flow or self.out_flow)._readiness() if each.check == code]
        told = " ".join(each.sentence for each in found)
        self.assertTrue(found, code)
        self.assertEqual(worst(found), status, told)
        self.assertIn(part, told)
        if target:
            self.assertIn((target._name, target.id), [each.target for each in found])

    def drop(self, path):
        self.policy.rule_ids = [Command.create({"path": path, "action": "drop"})]

    def test_each_finding_has_a_check_with_a_name(self):
        for flow in (self.out_flow, self.in_flow):
            for finding in flow._readiness():
                self.assertIn(finding.check, CHECKS)

    def test_gln_of_company_and_delivery_places(self):
        self.assertFound("gln", READY, "Northfield")
        place = self.company.partner_id
        if "stock.warehouse" in self.env:
            house = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)])
            house.partner_id = place = self.env["res.partner"].create({"name": "Ward 3 store"})
        place.global_location_number = False
        self.assertFound("gln", MISSING, f"Give {place.display_name} its", place)
        place.global_location_number = "1234"
        self.assertFound("gln", MISSING, "check its digits", place)
        self.drop("ship_to.gln")
        self.drop("buyer.gln")
        self.assertFound("gln", READY, "sends no location numbers")

    def test_our_account_at_the_supplier(self):
        self.assertFound("supplier", READY, "Meridian", self.supplier)
        self.supplier.interop_account_number = False
        self.assertFound("supplier", MISSING, "account number", self.supplier)
        self.drop("supplier.account_number")
        self.assertFound("supplier", READY)
        self.system.partner_id = False
        self.assertFound("supplier", WARNING, "names no supplier", self.system)

    def test_item_codes_of_the_suppliers_products(self):
        self.assertFound("item_codes", READY, "item code: ")
        self.syringes.seller_ids = [Command.create({"partner_id": self.supplier.id})]
        self.assertFound("item_codes", MISSING, "Syringe", self.syringes.product_tmpl_id)
        self.drop("lines[].item.supplier_item_code")
        self.assertFound("item_codes", READY)
        (self.gloves | self.syringes).seller_ids.unlink()
        self.assertFound("item_codes", WARNING, "No product names this supplier", self.supplier)

    def test_units_of_the_suppliers_products(self):
        self.assertFound("units", READY, "Box of 100")
        self.gloves.uom_id.interop_unece_code = False
        self.assertFound("units", MISSING, "Box of 100", self.gloves.uom_id)
        self.drop("lines[].uom.code")
        self.assertFound("units", READY)

    def test_taxes(self):
        self.assertFound("taxes", READY)
        self.taxes.active = False
        self.assertFound("taxes", WARNING, "no tax for purchases", self.company)

    def test_journals(self):
        self.assertFound("journals", READY, "Test bills", self.journal)
        self.journal.active = False
        self.assertFound("journals", MISSING, "no journal for bills", self.company)

    def test_currency(self):
        self.assertFound("currency", READY, "USD")
        currency = self.env["res.currency"].create({"name": "TST", "symbol": "T"})
        self.supplier.with_company(self.company).property_purchase_currency_id = currency
        self.assertFound("currency", MISSING, "Enter a rate of TST", currency)
        currency.rate_ids = [
            Command.create({"name": "2026-01-01", "rate": 2, "company_id": self.company.id})
        ]
        self.assertFound("currency", READY, "TST")
        currency.active = False
        self.assertFound("currency", MISSING, "Activate the currency TST", currency)

    def test_answers_need_orders(self):
        self.assertFound("answers", READY, "Test orders", self.out_flow, self.in_flow)
        self.out_flow.expects_answer = False
        self.assertFound("answers", WARNING, "does not expect", self.out_flow, self.in_flow)
        self.out_flow.state = "retired"
        self.assertFound("answers", MISSING, "No flow sends orders", self.system, self.in_flow)

    def test_rights_of_the_user_that_the_flows_act_as(self):
        self.assertFound("service_user", READY)
        self.assertFound("service_user", READY, flow=self.in_flow)
        self.service.group_ids -= self.env.ref("purchase.group_purchase_user")
        self.assertFound("service_user", MISSING, "read “Purchase Order”", self.service)
        self.assertFound(
            "service_user", MISSING, "change “Purchase Order”", self.service, self.in_flow
        )
