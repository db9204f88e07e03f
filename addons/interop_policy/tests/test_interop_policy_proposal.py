from odoo.exceptions import AccessError
from odoo.tests import Form, TransactionCase, new_test_user

from odoo.addons.interop_document.lib.fields import Field
from odoo.addons.interop_document.lib.sensitivity import Sensitivity
from odoo.addons.interop_policy.lib.proposal import propose


def field(path, sensitivity, **facts):
    values = {"depth": 0, "title": "", "description": "", "type": "string", "required": False}
    values |= {"is_leaf": True, "stated": True, "name": path.rpartition(".")[2].rstrip("[]")}
    return Field(path=path, sensitivity=Sensitivity[sensitivity], **(values | facts))


class TestInteropPolicyProposal(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_type = cls.env["interop.document.type"]._get("PurchaseOrder", "1.0")

    def propose(self, clearance):
        wizard = Form(self.env["interop.policy.proposal"])
        wizard.document_type_id = self.order_type
        wizard.clearance = clearance
        action = wizard.save().action_propose()
        return self.env["interop.policy"].browse(action["res_id"])

    def test_every_field_gets_a_rule_with_a_reason(self):
        for clearance in ("public", "internal", "confidential", "personal", "health"):
            policy = self.propose(clearance)
            self.assertEqual(policy.coverage, 1.0)
            self.assertEqual(len(policy.rule_ids), self.order_type.field_count)
            self.assertTrue(all(policy.rule_ids.mapped("reason")))
            self.assertEqual(policy.expected_clearance, clearance)

    def test_proposal_asks_for_nothing_that_clearance_would_hold_back(self):
        for clearance in ("public", "internal", "confidential", "personal"):
            policy = self.propose(clearance)
            policy.expected_region_id = policy.company_id.country_id = self.env.ref("base.us")
            decided = policy._compile().decided.values()
            self.assertNotIn("above_clearance", {each.decision for each in decided})
            self.assertNotIn("outside_region", {each.decision for each in decided})

    def test_order_for_internal_clearance_is_as_one_would_decide(self):
        rules = {rule.path: rule for rule in self.propose("internal").rule_ids}
        for path, action, pattern in (
            ("number", "send", False),
            ("ship_to.contact.name", "mask", "initials"),
            ("ship_to.contact.email", "mask", "domain"),
            ("ship_to.contact.phone", "mask", "last4"),
            ("notes", "drop", False),
            ("contract_number", "drop", False),
        ):
            self.assertEqual((rules[path].action, rules[path].pattern), (action, pattern), path)

    def test_kinds_of_fields_leave_in_their_least_telling_form(self):
        for given, action, pattern in (
            (field("pin", "secret"), "drop", None),
            (field("notes", "internal", free_text=True), "redact", None),
            (field("notes", "health", free_text=True), "drop", None),
            (field("patient.birth_date", "health", format="date"), "generalise", "age"),
            (field("admitted_at", "health", format="date-time"), "generalise", "year"),
            (field("patient.zip", "personal"), "generalise", "zip3"),
            (field("age", "personal", type="integer"), "generalise", "age"),
            (field("patient_id", "health"), "tokenise", "letters"),
            (field("ids.mrn[]", "personal", type="list of string"), "tokenise", "letters"),
            (field("patient_id", "health", type="integer"), "drop", None),
            (field("patient_name", "health"), "mask", "initials"),
            (field("diagnosis", "health"), "drop", None),
            (field("price", "internal", type="number"), "send", None),
        ):
            [rule] = propose([given], Sensitivity.internal)
            self.assertEqual((rule.path, rule.action, rule.pattern), (given.path, action, pattern))

    def test_groups_get_no_rule(self):
        self.assertEqual(propose([field("x", "public", is_leaf=False)], Sensitivity.public), [])

    def test_only_managers_have_policies_proposed(self):
        user = new_test_user(self.env, "proposer", groups="interop_base.group_user")
        with self.assertRaises(AccessError):
            self.env["interop.policy.proposal"].with_user(user).create(
                {"document_type_id": self.order_type.id}
            )
