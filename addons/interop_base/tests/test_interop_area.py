from psycopg2 import IntegrityError

from odoo.tests import TransactionCase, new_test_user
from odoo.tools import mute_logger


class TestInteropArea(TransactionCase):
    def test_areas_of_the_house_are_there(self):
        codes = set(self.env["interop.area"].search([]).mapped("code"))
        self.assertLessEqual(
            {
                "purchasing",
                "warehouse",
                "finance",
                "sales",
                "crm",
                "clinical",
                "billing",
                "master_data",
            },
            codes,
        )
        self.assertTrue(self.env.ref("interop_base.area_purchasing").finance_review)
        self.assertFalse(self.env.ref("interop_base.area_clinical").finance_review)

    def test_code_is_unique(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["interop.area"].create({"name": "Again", "code": "purchasing"})

    def test_change_of_areas_reaches_record_rules_at_once(self):
        """Record rules are cached with the user's areas in them."""
        area = self.env.ref("interop_base.area_warehouse")
        user = new_test_user(self.env, "area-user", "interop_base.group_user")
        self.env["ir.rule"].create(
            {
                "name": "Own areas",
                "model_id": self.env["ir.model"]._get_id("interop.area"),
                "domain_force": "[('id', 'in', user.interop_area_ids.ids)]",
                "groups": [(4, self.env.ref("interop_base.group_user").id)],
            }
        )
        areas = self.env["interop.area"].with_user(user)
        self.assertFalse(areas.search([]))
        user.interop_area_ids = area
        self.assertEqual(areas.search([]), area)
        area.user_ids = False
        self.assertFalse(areas.search([]))
        area.user_ids = user
        self.assertEqual(areas.search([]), area)
