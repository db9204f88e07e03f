"""A newer pack: what it would change, what was changed here, and who decides."""

import copy

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import PACK
from .test_interop_pack import PackCase


@tagged("post_install", "-at_install")
class TestPackUpdating(PackCase):
    def newer(self, change):
        body = copy.deepcopy(PACK) | {"version": "2.0", "connector": self.connector()}
        change(body)
        return self.take_in(body)

    def update(self, clone):
        action = clone.with_user(self.manager).action_update()
        return self.env[action["res_model"]].with_user(self.manager).browse(action["res_id"])

    def line(self, wizard, title):
        return wizard.line_ids.filtered(lambda line: line.title == title)

    def rows(self, clone):
        mapping = clone._record_of("mapping", "orders")
        return {row.target: row for row in mapping.row_ids}

    def test_what_the_pack_changes_is_taken_and_what_was_changed_here_stays(self):
        clone = self.clone()
        self.rows(clone)["Number"].default = "none"

        def change(body):
            rows = body["mappings"][0]["rows"]
            rows[4]["arguments"]["places"] = 2
            rows.append({"target": "Currency", "source": "currency"})

        newer = self.newer(change)
        wizard = self.update(clone)
        kinds = {line.title: (line.kind, line.take) for line in wizard.line_ids}
        self.assertEqual(
            kinds,
            {
                "mapping › orders › row › Number": ("local", False),
                "mapping › orders › row › Lines[].Quantity": ("pack", True),
                "mapping › orders › row › Currency": ("pack", True),
            },
        )
        wizard.action_apply()
        rows = self.rows(clone)
        self.assertEqual(rows["Number"].default, "none")
        self.assertIn('"places": 2', rows["Lines[].Quantity"].arguments)
        self.assertEqual(rows["Currency"].source, "currency")
        self.assertEqual(rows["Lines[].Unit"].crosswalk_id.code, f"{clone.prefix}-units")
        self.assertEqual(clone.pack_id, newer)
        self.assertFalse(clone.newer_pack_id)

    def conflict(self):
        clone = self.clone()
        self.rows(clone)["Number"].source = "revision"

        def change(body):
            body["mappings"][0]["rows"][0]["source"] = "contract_number"

        self.newer(change)
        return clone, self.update(clone)

    def test_a_conflict_is_named_and_ours_stays_unless_theirs_is_taken(self):
        clone, wizard = self.conflict()
        line = self.line(wizard, "mapping › orders › row › Number")
        self.assertEqual((line.kind, line.take, wizard.conflict_count), ("conflict", False, 1))
        self.assertIn("contract_number", line.theirs)
        self.assertIn("revision", line.mine)
        wizard.action_apply()
        self.assertEqual(self.rows(clone)["Number"].source, "revision")

    def test_a_conflict_may_be_decided_for_the_pack(self):
        clone, wizard = self.conflict()
        wizard.line_ids.take = True
        wizard.action_apply()
        self.assertEqual(self.rows(clone)["Number"].source, "contract_number")

    def test_what_was_changed_after_the_comparison_is_not_overwritten(self):
        clone, wizard = self.conflict()
        self.assertEqual(wizard.line_ids.take, False)
        self.rows(clone)["Number"].source = "number"
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            wizard.action_apply()

    def test_a_new_flow_of_the_pack_is_made_as_a_draft(self):
        clone = self.clone()

        def change(body):
            body["flows"].append(body["flows"][0] | {"code": "changes", "name": "Changes"})

        self.newer(change)
        self.update(clone).action_apply()
        flow = clone._record_of("flow", "changes")
        self.assertEqual(flow.state, "draft")
        self.assertEqual(flow.name, f"Changes ({clone.name})")
        self.assertEqual(flow.service_user_id, clone._record_of("flow", "orders").service_user_id)

    def test_a_local_policy_rule_and_a_code_survive(self):
        clone = self.clone()
        policy = clone._record_of("policy", "orders")
        policy.rule_ids = [(0, 0, {"sequence": 99, "path": "currency", "action": "send"})]
        crosswalk = clone._record_of("crosswalk", "units")
        crosswalk.entry_ids = [(0, 0, {"ours": "BX", "theirs": "KRT"})]

        def change(body):
            body["policies"][0]["rules"].append({"path": "revision", "action": "send"})
            body["crosswalks"][0]["entries"].append({"ours": "PR", "theirs": "PAA"})

        self.newer(change)
        self.update(clone).action_apply()
        self.assertLessEqual({"currency", "revision"}, set(policy.rule_ids.mapped("path")))
        self.assertEqual(set(crosswalk.entry_ids.mapped("ours")), {"EA", "DZN", "BX", "PR"})

    def test_operators_do_not_update(self):
        clone, wizard = self.conflict()
        operator = new_test_user(
            self.env, "pack_operator_3", "base.group_user,interop_base.group_operator"
        )
        with self.assertRaises(AccessError):
            wizard.with_user(operator).action_apply()
        with self.assertRaises(AccessError):
            clone.with_user(operator).action_update()
