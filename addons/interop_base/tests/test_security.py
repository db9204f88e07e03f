from odoo.tests import TransactionCase, new_test_user


class TestSecurity(TransactionCase):
    """Seeing that a message exists, reading it and running it again are three rights."""

    def groups_of(self, xml_id):
        user = new_test_user(self.env, f"role-{xml_id}", f"interop_base.{xml_id}")
        roles = (
            "user",
            "operator",
            "manager",
            "payload_reader",
            "clear_reader",
            "finance_reviewer",
        )
        return {role for role in roles if user.has_group(f"interop_base.group_{role}")}

    def test_roles_build_on_each_other(self):
        self.assertEqual(self.groups_of("group_user"), {"user"})
        self.assertEqual(self.groups_of("group_operator"), {"user", "operator"})
        self.assertEqual(self.groups_of("group_manager"), {"user", "operator", "manager"})

    def test_manager_does_not_read_content_and_reader_does_not_operate(self):
        self.assertNotIn("payload_reader", self.groups_of("group_manager"))
        self.assertEqual(self.groups_of("group_payload_reader"), {"user", "payload_reader"})

    def test_clear_content_is_a_second_right_that_no_other_role_brings(self):
        clear = self.env.ref("interop_base.group_clear_reader")
        self.assertEqual(
            self.groups_of("group_clear_reader"), {"user", "payload_reader", "clear_reader"}
        )
        bringing = (
            self.env["res.groups"]
            .search([])
            .filtered(lambda group: group != clear and clear in group.all_implied_ids)
        )
        self.assertFalse(bringing)
        self.assertFalse(
            self.env.ref("base.user_admin").has_group("interop_base.group_clear_reader")
        )

    def test_finance_reviewer_is_no_integration_user(self):
        self.assertEqual(self.groups_of("group_finance_reviewer"), {"finance_reviewer"})

    def test_administrator_manages_all_areas(self):
        admin = self.env.ref("base.user_admin")
        self.assertTrue(admin.has_group("interop_base.group_manager"))
        self.assertIn(self.env.ref("interop_base.area_clinical"), admin.interop_area_ids)
