from odoo.exceptions import AccessError, UserError
from odoo.tests.common import TransactionCase, new_test_user

from .common import build_world


class TestMessage(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        world = build_world(cls.env, "message-test")
        cls.area, cls.flow = world["area"], world["out"]
        partner = cls.env["res.partner"].create({"name": "Test supplier"})
        cls.env["interop.queue"]._emit("test.note.ready", partner)
        cls.message = cls.env["interop.message"].search([("res_id", "=", partner.id)])

    def user(self, login, group, areas=None):
        user = new_test_user(self.env, login, groups=f"interop_base.{group}")
        user.interop_area_ids = self.area if areas is None else areas
        return user

    def seen_by(self, user):
        return self.env["interop.message"].with_user(user).search([("id", "=", self.message.id)])

    def test_a_user_sees_the_messages_of_the_own_area_only(self):
        self.assertTrue(self.seen_by(self.user("in-area", "group_user")))
        other = self.env.ref("interop_base.area_clinical")
        self.assertFalse(self.seen_by(self.user("off-area", "group_user", other)))
        none = self.env["interop.area"]
        self.assertFalse(self.seen_by(self.user("no-area", "group_user", none)))

    def test_a_user_of_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Other Clinic"})
        user = self.user("other-company", "group_manager")
        user.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.assertFalse(self.seen_by(user))
        flows = self.env["interop.flow"].with_user(user)
        self.assertFalse(flows.search([("id", "=", self.flow.id)]))

    def test_an_ordinary_employee_and_a_finance_reviewer_see_no_message(self):
        for login, groups in (
            ("employee", "base.group_user"),
            ("reviewer", "interop_base.group_finance_reviewer"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            with self.assertRaises(AccessError):
                self.seen_by(user)

    def test_nobody_writes_or_deletes_messages_not_even_a_manager(self):
        manager = self.message.with_user(self.user("manager", "group_manager"))
        with self.assertRaises(AccessError):
            manager.write({"state": "done"})
        with self.assertRaises(AccessError):
            manager.unlink()
        with self.assertRaises(UserError):
            self.message.unlink()

    def test_running_again_is_a_right_of_its_own(self):
        user = self.message.with_user(self.user("looker", "group_payload_reader"))
        with self.assertRaises(AccessError):
            user.action_redrive()
        with self.assertRaises(AccessError):
            user.action_cancel("because")

    def test_the_timeline_tells_where_the_message_stands(self):
        timeline = str(self.message.timeline)
        self.assertIn("Accepted into the queue", timeline)
        self.assertIn("Next free lane takes it", timeline)

    def test_what_holds_a_message_is_told_in_words(self):
        self.assertFalse(self.message.held_told)
        for held, state, words in (
            ("batch", "waiting", "leaves with the next batch"),
            ("release", "waiting", "awaits a person's release"),
            ("direct", "running", "its caller waits"),
            ("direct", "dead", "no lane runs it again"),
        ):
            self.env.cr.execute(
                "UPDATE interop_message SET held = %s, state = %s WHERE id = %s",
                [held, state, self.message.id],
            )
            self.message.invalidate_recordset()
            self.assertIn(words, self.message.held_told)
