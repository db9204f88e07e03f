from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user


class TestInteropPolicyPattern(TransactionCase):
    def make(self, **values):
        defaults = {"name": "Ward B", "template": "WB-#####", "sample": "bed 4, WB-12345"}
        return self.env["interop.policy.pattern"].create(defaults | values)

    def test_pattern_is_tried_on_its_sample(self):
        self.assertEqual(self.make().found, "WB-12345")
        with self.assertRaises(ValidationError):
            self.make(sample="WB-123")

    def test_pattern_that_could_run_away_is_refused(self):
        for template in ("(a+)+", "####.*", "##"):
            with self.subTest(template), self.assertRaises(ValidationError):
                self.make(template=template)

    def test_draft_of_a_wrong_pattern_says_what_is_wrong(self):
        draft = self.env["interop.policy.pattern"].new({"template": "a*b", "sample": "x"})
        self.assertIn("# for a digit", draft.found)

    def test_patterns_are_those_of_the_company_and_of_all(self):
        other = self.env["res.company"].create({"name": "Southfield"})
        self.make()
        self.make(template="SF######", sample="SF123456", company_id=other.id)
        patterns = self.env["interop.policy.pattern"]
        self.assertIn("WB-#####", patterns._templates(self.env.company))
        self.assertNotIn("SF######", patterns._templates(self.env.company))
        self.assertIn("SF######", patterns._templates(self.env["res.company"]))
        archived = patterns.search([("template", "=", "WB-#####")])
        archived.active = False
        self.assertNotIn("WB-#####", patterns._templates(other))

    def test_every_change_is_in_the_audit_trail(self):
        pattern = self.make()
        pattern.template = "WB #####"
        pattern.unlink()
        entries = self.env["interop.audit.entry"].search(
            [("res_model", "=", "interop.policy.pattern"), ("res_id", "=", pattern.id)]
        )
        self.assertEqual(
            sorted(entries.mapped("act")), ["pattern.change", "pattern.change", "pattern.delete"]
        )

    def test_only_managers_change_patterns(self):
        user = new_test_user(self.env, "reader", groups="interop_base.group_user")
        manager = new_test_user(self.env, "manager", groups="interop_base.group_manager")
        pattern = self.make()
        with self.assertRaises(AccessError):
            pattern.with_user(user).name = "mine"
        pattern.with_user(manager).name = "ours"
        self.assertEqual(pattern.with_user(user).name, "ours")

    def test_patterns_of_other_companies_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Southfield"})
        self.make(company_id=other.id)
        user = new_test_user(self.env, "reader", groups="interop_base.group_user")
        seen = self.env["interop.policy.pattern"].with_user(user).search([])
        self.assertNotIn(other, seen.sudo().company_id)
