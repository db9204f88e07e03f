from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user


class TestInteropPolicySecurity(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchasing = cls.env.ref("interop_base.area_purchasing")
        cls.clinical = cls.env.ref("interop_base.area_clinical")
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Northfield Diagnostics"})
        cls.user = new_test_user(
            cls.env,
            "policy_user",
            groups="interop_base.group_user",
            interop_area_ids=[Command.link(cls.purchasing.id)],
        )
        cls.manager = new_test_user(cls.env, "policy_manager", groups="interop_base.group_manager")
        cls.own = cls._policy(cls.company, cls.purchasing)
        cls.other_area = cls._policy(cls.company, cls.clinical)
        cls.of_other_company = cls._policy(cls.other_company, cls.purchasing)
        cls.shared = cls._policy(cls.env["res.company"], cls.env["interop.area"])
        cls.all = cls.own + cls.other_area + cls.of_other_company + cls.shared

    @classmethod
    def _policy(cls, company, area):
        order_type = cls.env["interop.document.type"]._get("PurchaseOrder", "1.0")
        return cls.env["interop.policy"].create(
            {
                "name": "Orders",
                "document_type_id": order_type.id,
                "company_id": company.id,
                "area_id": area.id,
                "rule_ids": [Command.create({"path": "number", "action": "send"})],
            }
        )

    def _seen_by(self, user):
        policies = self.env["interop.policy"].with_user(user).search([("id", "in", self.all.ids)])
        rules = (
            self.env["interop.policy.rule"]
            .with_user(user)
            .search([("policy_id", "in", self.all.ids)])
        )
        self.assertEqual(rules.policy_id, policies)
        return policies

    def test_user_sees_own_company_and_areas_only(self):
        self.assertEqual(self._seen_by(self.user), self.own + self.shared)
        with self.assertRaises(AccessError):
            self.of_other_company.with_user(self.user).read(["name"])

    def test_manager_sees_all_areas_of_own_companies(self):
        self.assertEqual(self._seen_by(self.manager), self.own + self.other_area + self.shared)

    def test_user_does_not_change_policies(self):
        own = self.own.with_user(self.user)
        for change in (
            lambda: own.write({"name": "x"}),
            lambda: own.rule_ids.write({"action": "drop"}),
            lambda: own.action_add_missing(),
            lambda: own.unlink(),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_user_reads_preview_and_coverage(self):
        own = self.own.with_user(self.user)
        self.assertEqual(own.named_count, 1)
        self.assertIn("Sent", own.outcome_html)

    def test_manager_changes_policies(self):
        own = self.own.with_user(self.manager)
        own.action_add_missing()
        self.assertEqual(own.coverage, 1.0)

    def test_people_without_a_role_see_nothing(self):
        stranger = new_test_user(self.env, "policy_stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.own.with_user(stranger).read(["name"])
