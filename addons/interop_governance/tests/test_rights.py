from odoo.tests import TransactionCase

from ..lib.rights import BY_CODE, RIGHTS, clashes, used_by


class TestRights(TransactionCase):
    def codes(self, act):
        return [right.code for right in used_by(act)]

    def test_every_role_of_the_review_exists_if_its_module_does(self):
        installed = self.env["ir.module.module"].search([("state", "=", "installed")])
        for right in RIGHTS:
            module = right.group.partition(".")[0]
            if module in installed.mapped("name"):
                self.assertTrue(self.env.ref(right.group), right.code)

    def test_every_role_of_interop_is_a_right_of_the_review(self):
        groups = self.env["ir.model.data"].search(
            [("model", "=", "res.groups"), ("module", "=like", "interop%")]
        )
        known = {right.group for right in RIGHTS}
        self.assertLessEqual({group.complete_name for group in groups}, known)

    def test_acts_are_uses_of_the_rights_that_they_need(self):
        for act, codes in {
            "flow.publication.approved": ["approver"],
            "flow.change": ["manager"],
            "message.redriven": ["operator"],
            "message.content.read": ["reader"],
            "message.content.read:clear": ["reader", "clear"],
            "audit.refused": [],
            "audit.exported": ["auditor"],
            "message.received": [],
            "rule.change": ["manager", "admin"],
        }.items():
            self.assertEqual(self.codes(act), codes, act)

    def test_what_clashes_is_said_only_of_who_holds_both(self):
        self.assertEqual(clashes({"manager"}), [])
        self.assertEqual(clashes({"admin", "reader"}), [])
        self.assertIn("by themselves", clashes({"admin", "clear"})[0])
        self.assertEqual(len(clashes(BY_CODE)), 6)
