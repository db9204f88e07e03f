from odoo.tests import TransactionCase


class TestResCompany(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.us, cls.de, cls.fr = (cls.env.ref(f"base.{code}") for code in ("us", "de", "fr"))
        cls.company = cls.env["res.company"].create({"name": "Northfield", "country_id": cls.us.id})

    def test_empty_list_is_the_own_country(self):
        self.assertEqual(self.company._interop_regions(), {"personal": ["US"], "health": ["US"]})
        self.company.interop_personal_region_ids = self.fr + self.de
        self.assertEqual(
            self.company._interop_regions(), {"personal": ["DE", "FR"], "health": ["US"]}
        )

    def test_company_without_a_country_and_lists_sends_nowhere(self):
        self.company.country_id = False
        self.assertEqual(self.company._interop_regions(), {"personal": [], "health": []})

    def test_change_leaves_evidence(self):
        self.company.interop_health_region_ids = self.de
        self.env.cr.execute(
            "SELECT details::text FROM interop_audit_entry WHERE act = 'residency.change' "
            "AND res_id = %s ORDER BY id DESC LIMIT 1",
            [self.company.id],
        )
        [details] = self.env.cr.fetchone()
        self.assertIn("interop_health_region_ids", details)
        self.assertIn("DE", details)

    def test_settings_change_the_company(self):
        settings = self.env["res.config.settings"].with_company(self.company).create({})
        settings.interop_health_region_ids = self.de
        self.assertEqual(self.company._interop_regions()["health"], ["DE"])

    def test_draft_counts_with_the_region_that_is_expected(self):
        order_type = self.env["interop.document.type"]._get("PurchaseOrder", "1.0")
        policy = self.env["interop.policy"].create(
            {
                "name": "Orders",
                "document_type_id": order_type.id,
                "company_id": self.company.id,
                "expected_clearance": "personal",
                "expected_region_id": self.us.id,
                "rule_ids": [(0, 0, {"path": "ship_to.contact.name", "action": "send"})],
            }
        )
        self.assertFalse(policy.rule_ids.above_clearance)
        policy.expected_region_id = self.de
        self.assertTrue(policy.rule_ids.above_clearance)
        self.assertEqual(policy.warning_count, 1)
        self.assertIn("region DE", policy.outcome_html)
        self.company.interop_personal_region_ids = self.de
        policy.invalidate_recordset()
        self.assertEqual(policy.warning_count, 0)
