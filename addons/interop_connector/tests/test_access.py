from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ConnectorCase


@tagged("post_install", "-at_install")
class TestAccess(ConnectorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Northfield Diagnostics"})
        cls.stranger = new_test_user(
            cls.env,
            "conn_stranger",
            groups="interop_base.group_manager",
            company_id=cls.other_company.id,
            company_ids=[(6, 0, cls.other_company.ids)],
        )
        cls.records = (
            cls.connector,
            cls.connector.endpoint_ids,
            cls.connector.runtime_ids,
        )

    def sees(self, user, record):
        return bool(record.with_user(user).search([("id", "=", record.id)]))

    def test_another_company_sees_nothing(self):
        for record in self.records:
            with self.subTest(model=record._name):
                self.assertFalse(self.sees(self.stranger, record))
        with self.assertRaises(AccessError):
            self.connector.with_user(self.stranger).action_pause()

    def test_a_shared_connector_is_seen_by_all_companies(self):
        self.connector.company_id = False
        for record in self.records:
            self.assertTrue(self.sees(self.stranger, record))

    def test_another_business_area_sees_nothing(self):
        for record in self.records:
            self.assertTrue(self.sees(self.operator, record))
        self.connector.area_id = self.other_area
        for record in self.records:
            self.assertFalse(self.sees(self.operator, record))
        with self.assertRaises(AccessError):
            self.connector.with_user(self.operator).action_probe()

    def test_managers_see_all_areas(self):
        self.connector.area_id = self.other_area
        for record in self.records:
            self.assertTrue(self.sees(self.manager, record))

    def test_operators_do_not_configure(self):
        connector = self.connector.with_user(self.operator)
        for change in (
            lambda: connector.write({"name": "Mine"}),
            lambda: connector.endpoint_ids.write({"url": "loop:mine"}),
            lambda: connector.runtime_ids.write({"consecutive_failures": 0}),
            lambda: connector.unlink(),
            lambda: connector.copy(),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_people_without_a_role_see_nothing(self):
        nobody = new_test_user(self.env, "conn_nobody", groups="base.group_user")
        for record in (*self.records, self.system):
            with self.assertRaises(AccessError):
                record.with_user(nobody).read(["display_name"])
